import { limits, type SweepView } from '@unroll/contracts';
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { call } from '../../api/client';
import { confirmDeletion } from '../../input/confirm';
import { say, sayJson } from '../../show/text';
import { example } from '../command';
import { wholeNumber } from '../options';

/** Changes that take nothing but the sweep's id, with the line printed after each. */
const changes = {
  pause: {
    description: 'pause a sweep: running trials finish; no new ones start',
    done: ({ trials }: SweepView) => `is paused; ${trials.running} running trials will finish`,
  },
  resume: {
    description: 'resume a paused sweep',
    done: ({ trials, total }: SweepView) => `is running again: ${trials.completed} of ${total} trials have completed`,
  },
  cancel: {
    description: 'cancel a sweep and stop its running trials',
    done: ({ trials, total }: SweepView) => `is cancelled: ${trials.completed} of ${total} trials had completed`,
  },
} as const;

const change =
  (verb: keyof typeof changes) =>
  async (id: string, { json }: { json?: boolean }): Promise<void> => {
    const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/${verb}`, { method: 'POST' });
    if (json) return sayJson(sweep);
    say(`Sweep ${sweep.id} ${changes[verb].done(sweep)}.`);
  };

async function extend(id: string, { trials, json }: { trials: number; json?: boolean }): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/extend`, {
    method: 'POST',
    body: JSON.stringify({ trials }),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  if (json) return sayJson(sweep);
  say(`Sweep ${sweep.id} now has ${sweep.total} trials.`);
}

async function confirm(
  id: string,
  { top, seeds, json }: { top: number; seeds: number; json?: boolean },
): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}/confirm`, {
    method: 'POST',
    body: JSON.stringify({ top, seeds }),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  if (json) return sayJson(sweep);
  say(`Sweep ${sweep.id} (${sweep.name}) trains ${sweep.total / seeds} configurations with ${seeds} new seeds each.`);
}

async function remove(given: string, { yes }: { yes?: boolean }): Promise<void> {
  const { id, name, trials } = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(given)}`);
  const count = Object.values(trials).reduce((sum, each) => sum + each, 0);
  await confirmDeletion(`sweep ${id} (${name}) with its ${count} trials and their models`, yes);
  await call(`/v1/sweeps/${id}`, { method: 'DELETE' });
  say(`Deleted sweep ${id}.`);
}

export function addChangeCommands(sweep: Command): void {
  for (const verb of ['pause', 'resume', 'cancel'] as const)
    sweep
      .command(`${verb} <id>`)
      .description(changes[verb].description)
      .option('--json', 'print it as JSON')
      .addHelpText('after', example(`unroll sweep ${verb} last`))
      .action(change(verb));
  sweep
    .command('extend <id>')
    .description('add configurations to a sweep; a completed sweep continues')
    .requiredOption('--trials <n>', 'number of configurations to add', wholeNumber(1, limits.configurations))
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep extend last --trials 20'))
    .action(extend);
  sweep
    .command('confirm <id>')
    .description('train the best configurations again with new seeds: which is the best, and how sure is that')
    .option('--top <n>', 'how many of the best', wholeNumber(1, limits.started), 3)
    .option('--seeds <n>', 'how many new seeds', wholeNumber(1, limits.repeats), 5)
    .option('--json', 'print the new sweep as JSON')
    .addHelpText('after', example('unroll sweep confirm last --top 3 --seeds 5'))
    .action(confirm);
  sweep
    .command('delete <id>')
    .description('delete an ended sweep and its trials; on a terminal, asks first')
    .option('-y, --yes', 'delete without a question')
    .addHelpText('after', example('unroll sweep delete q7k2m9xa'))
    .action(remove);
}
