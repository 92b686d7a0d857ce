import { endedTrials, limits, sweepSorts, sweepStates, type SweepPage } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { call } from '../../api/client';
import { table } from '../../show/table';
import { colouredState, note, number, say, sayJson } from '../../show/text';
import { example } from '../command';
import { collect, wholeNumber } from '../options';

interface Options {
  json?: boolean;
  limit: number;
  archived?: boolean;
  [filter: string]: unknown;
}

async function list({ json, archived, ...query }: Options): Promise<void> {
  const page = await call<SweepPage>('/v1/sweeps', {
    query: { ...(query as Record<string, string>), archived: archived ? 'true' : undefined },
  });
  if (json) return sayJson(page.items);
  if (page.total === 0) {
    const { limit: _, sort: __, ...filters } = query;
    const isFiltered = archived || Object.values(filters).some((value) => [value].flat().length > 0);
    return say(isFiltered ? 'No sweep matches.' : 'No sweeps yet: create one with "npx unroll init" and submit it.');
  }
  const rows = page.items.map(({ id, name, owner, state, trials, total, best, tags, createdAt }) => [
    ...[id, name, owner, colouredState(state), `${endedTrials(trials)}/${total}`, number(best?.value)],
    ...[createdAt.slice(0, 16).replace('T', ' '), tags.join(', ')],
  ]);
  say(table(['sweep', 'name', 'owner', 'state', 'done', 'best', 'submitted (UTC)', 'tags'], rows, [4, 5]));
  if (page.total > page.items.length) note(`${page.items.length} of ${page.total} sweeps: more with --limit.`);
}

export function addListCommand(sweep: Command): void {
  sweep
    .command('list')
    .description('list sweeps, newest first')
    .option('--search <text>', 'part of the name, or the beginning of the id')
    .option('--owner <name>', 'submitted by this member')
    .option('--dataset <name>', 'that use this data set')
    .option('--tag <tag>', 'with this tag; repeatable: all of them', collect, [])
    .addOption(new Option('--state <state...>', 'in one of these states').choices(sweepStates))
    .option('--parameter <path>', 'that search this parameter, such as model.hiddenSize')
    .option('--since <time>', 'submitted on this day or later, such as 2026-11-29')
    .option('--until <time>', 'submitted before this day')
    .option('--archived', 'the archived ones')
    .addOption(new Option('--sort <key>', 'what to sort by').choices(sweepSorts))
    .option('--limit <n>', 'maximum number of sweeps', wholeNumber(1, limits.page), 50)
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll sweep list', 'unroll sweep list --owner Ada --state running --tag paper'))
    .action(list);
}
