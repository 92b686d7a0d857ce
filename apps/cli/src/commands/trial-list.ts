import { trialStates, type Page, type TrialView } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { allPages } from '../api/pages';
import { table } from '../show/table';
import { colouredState, note, number, parameters, say, sayJson, seconds } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

/** Rows of a table unless --limit says otherwise. */
const tableRows = 50;

interface Options {
  state?: string;
  limit?: number;
  json?: boolean;
}

async function list(sweep = 'last', { state, limit, json }: Options): Promise<void> {
  const most = limit ?? (json ? Infinity : tableRows);
  const { items, nextCursor } = await allPages<Page<TrialView>>(
    `/v1/sweeps/${encodeURIComponent(sweep)}/trials`,
    { state },
    most,
  );
  if (json) return sayJson(items);
  if (items.length === 0) return say(state === undefined ? 'No trials yet.' : `No trial is ${state}.`);
  const rows = items.map((trial) => [
    trial.id,
    String(trial.configuration),
    String(trial.seed),
    parameters(trial.parameters),
    colouredState(trial.state),
    number(trial.value),
    String(trial.updates),
    seconds(trial.seconds),
  ]);
  say(
    table(['trial', 'configuration', 'seed', 'parameters', 'state', 'value', 'updates', 'time'], rows, [1, 2, 5, 6, 7]),
  );
  if (nextCursor !== null) note(`The first ${items.length} trials: --limit N shows more, --json all.`);
}

export function addTrialListCommand(trial: Command): void {
  trial
    .command('list [sweep]')
    .description('list the trials of a sweep (default: the newest), in the order of their proposal')
    .addOption(new Option('--state <state>', 'only those in this state').choices(trialStates))
    .option('--limit <n>', `maximum number of trials (default: ${tableRows} in a table, else all)`, wholeNumber(1, 1e9))
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll trial list', 'unroll trial list q7k2m9xa --state failed'))
    .action(list);
}
