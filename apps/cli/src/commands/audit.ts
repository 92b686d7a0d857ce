import { limits, type AuditEntryView, type Page } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  member?: string;
  action?: string;
  target?: string;
  limit: number;
  json?: boolean;
}

/** Characters of a change in the table; --json shows all. */
const shown = 60;

const changed = (change: AuditEntryView['change']): string => {
  const text = Object.entries(change ?? {})
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return text.length > shown ? `${text.slice(0, shown - 1)}…` : text;
};

async function audit({ json, ...query }: Options): Promise<void> {
  const { items, nextCursor } = await call<Page<AuditEntryView>>('/v1/audit', { query: { ...query } });
  if (json) return sayJson(items);
  if (items.length === 0) return say('Nothing has been changed yet.');
  const rows = items.map(({ at, member, key, action, target, change, outcome }) => [
    at.slice(0, 19).replace('T', ' '),
    member,
    key ?? '-',
    outcome === 'done' ? action : `${action} (${outcome})`,
    target ?? '-',
    changed(change),
  ]);
  say(table(['when (UTC)', 'who', 'key', 'what', 'to', 'change'], rows));
  if (nextCursor !== null) note(`The last ${items.length} changes: more with --limit.`);
}

export function addAuditCommand(program: Command): void {
  program
    .command('audit')
    .description('list what the members of the team have changed, newest first')
    .option('--member <name>', 'by this member only')
    .option('--action <action>', 'this action only, such as sweep.cancel, or all of a thing, such as sweep')
    .option('--target <id>', 'to this thing only, such as the id of a sweep')
    .option('--limit <n>', 'maximum number of entries', wholeNumber(1, limits.page), 50)
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll audit', 'unroll audit --action sweep.delete', 'unroll audit --member Ada'))
    .action(audit);
}
