import { roles, type CreatedKey, type KeyView, type Page, type Role } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';
import { sendJson } from './send-json';

interface CreateOptions {
  member?: string;
  role?: Role;
  expires?: string;
  json?: boolean;
}

async function create(name: string, { member, role, expires: expiresIn, json }: CreateOptions): Promise<void> {
  const key = await sendJson<CreatedKey>('POST', '/v1/keys', { name, member, role, expiresIn });
  if (json) return sayJson(key);
  note(`The key ${key.name} of ${key.member}, ${key.role}. It is shown only now:`);
  say(key.key);
}

const minute = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? '-';

async function list({ json }: { json?: boolean }): Promise<void> {
  const { items } = await call<Page<KeyView>>('/v1/keys');
  if (json) return sayJson(items);
  if (items.length === 0) return say('No keys yet: create one with unroll key create NAME.');
  const rows = items.map(({ id, name, member, role, start, createdAt, expiresAt, lastUsedAt }) => [
    ...[id, name, member, role, `${start}…`],
    ...[minute(createdAt), minute(expiresAt), minute(lastUsedAt)],
  ]);
  say(table(['key', 'name', 'member', 'role', 'starts with', 'created (UTC)', 'expires', 'last used'], rows));
}

async function revoke(id: string): Promise<void> {
  await call(`/v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
  say(`Revoked the key ${id}: it is refused from now on.`);
}

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('create, list and revoke keys of the API');
  key
    .command('create <name>')
    .description('create a key, which is printed once')
    .option('--member <name>', 'whose key it is (default: you); for admins')
    .addOption(new Option('--role <role>', "at most the member's own, which is the default").choices(roles))
    .option('--expires <duration>', 'how long it is valid, such as 90d (default: until it is revoked)')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      example('unroll key create laptop --expires 90d', 'unroll key create ci --member Ada --role submitter'),
    )
    .action(create);
  key
    .command('list')
    .description("list your valid keys; for admins, the team's")
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll key list'))
    .action(list);
  key
    .command('revoke <id>')
    .description('revoke a key at once')
    .addHelpText('after', example('unroll key revoke q7k2m9xa'))
    .action(revoke);
}
