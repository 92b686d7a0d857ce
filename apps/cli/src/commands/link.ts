import type { CreatedLink, LinkView, Page } from '@unroll/contracts';
import type { Command } from 'commander';
import { call, serverUrl } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';
import { sendJson } from './send-json';

interface CreateOptions {
  sweep?: string;
  trial?: string;
  board?: string;
  metric?: string;
  report?: string;
  expires?: string;
  json?: boolean;
}

async function create({ expires: expiresIn, json, ...of }: CreateOptions): Promise<void> {
  if ([of.sweep, of.trial, of.board, of.report].filter((each) => each !== undefined).length !== 1)
    throw new CommandFailed('name one thing: give --sweep, --trial, --report, or --board with --metric', 2);
  const link = await sendJson<CreatedLink>('POST', '/v1/links', { ...of, expiresIn });
  if (json) return sayJson(link);
  note(
    `Whoever has this address reads the ${link.kind} ${link.target} until ${day(link.expiresAt)}. It is shown only now:`,
  );
  say(`${serverUrl()}${link.path}`);
}

const day = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? '-';

async function list({ json }: { json?: boolean }): Promise<void> {
  const { items } = await call<Page<LinkView>>('/v1/links');
  if (json) return sayJson(items);
  if (items.length === 0) return say('No links: make one with unroll link create --sweep ID.');
  const rows = items.map(({ id, kind, target, metric, author, createdAt, expiresAt, lastUsedAt }) => [
    ...[id, kind, metric === null ? target : `${target}, ${metric}`, author],
    ...[day(createdAt), day(expiresAt), day(lastUsedAt)],
  ]);
  say(table(['link', 'of', 'id', 'by', 'created (UTC)', 'expires', 'last used'], rows));
}

async function revoke(id: string): Promise<void> {
  await call(`/v1/links/${encodeURIComponent(id)}`, { method: 'DELETE' });
  say(`Revoked the link ${id}: it opens nothing from now on.`);
}

export function addLinkCommands(program: Command): void {
  const link = program.command('link').description('make, list and revoke links that only read, without a key');
  link
    .command('create')
    .description('make a link to a sweep with its trials, to a trial, to a board or to a report; it is printed once')
    .option('--sweep <id>', 'the sweep that it shows')
    .option('--trial <id>', 'the trial that it shows')
    .option('--board <id>', 'the board that it shows, by its id in the address of its page')
    .option('--metric <name>', 'the objective of the board')
    .option('--report <id>', 'the report that it shows, with what its charts show')
    .option('--expires <duration>', 'how long it is valid (default: 30d)')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll link create --sweep last', 'unroll link create --trial best --expires 7d'))
    .action(create);
  link
    .command('list')
    .description("list the team's valid links")
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll link list'))
    .action(list);
  link
    .command('revoke <id>')
    .description('revoke a link at once')
    .addHelpText('after', example('unroll link revoke q7k2m9xa'))
    .action(revoke);
}
