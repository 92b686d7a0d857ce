import type { SweepView, WaitingView } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../../api/client';
import { table } from '../../show/table';
import { colouredState, number, say, sayJson } from '../../show/text';
import { example } from '../command';

async function show(id: string, { json }: { json?: boolean }): Promise<void> {
  const sweep = await call<SweepView>(`/v1/sweeps/${encodeURIComponent(id)}`);
  if (json) return sayJson(sweep);
  const { text: waits, trials: waiting } =
    sweep.state === 'running' && sweep.trials.pending > 0
      ? await call<WaitingView>(`/v1/sweeps/${sweep.id}/waiting`)
      : { text: null, trials: 0 };
  const counted = Object.entries(sweep.trials).filter(([, count]) => count > 0);
  const { metric, goal, use } = sweep.objective;
  const rows = [
    ['sweep', sweep.id],
    ['name', sweep.name + (sweep.archived ? ' (archived)' : '')],
    ['owner', sweep.owner],
    ...(sweep.priority === 'normal' ? [] : [['priority', sweep.priority]]),
    ...(sweep.clonedFrom === null ? [] : [['cloned from', sweep.clonedFrom]]),
    ...(sweep.tags.length > 0 ? [['tags', sweep.tags.join(', ')]] : []),
    ...(sweep.note ? [['note', sweep.note]] : []),
    ['state', colouredState(sweep.state) + (sweep.message ? `: ${sweep.message}` : '')],
    ['trials', `${sweep.total}: ${counted.map(([state, count]) => `${count} ${state}`).join(', ') || 'none yet'}`],
    ...(waits === null ? [] : [['waiting', `${waiting} trials: ${waits}`]]),
    ...(sweep.objectives.length > 1
      ? sweep.objectives.map((each) => ['objective', `${each.goal} ${each.metric}`])
      : [['objective', `${goal} ${metric} (${use})`]]),
    ['best', sweep.best ? `${number(sweep.best.value)} by trial ${sweep.best.trialId}` : '-'],
    ['submitted', sweep.createdAt],
    ...sweep.edits.map(({ at, first, changed, withdrawn }) => [
      'edited',
      `${at}, from configuration ${first} on: ${changed.join(', ')}` +
        (withdrawn > 0 ? `; ${withdrawn} pending trials were cancelled` : ''),
    ]),
    ['finished', sweep.finishedAt ?? '-'],
  ];
  say(table(['', ''], rows).trimStart());
}

export function addShowCommand(sweep: Command): void {
  sweep
    .command('show <id>')
    .description('show a sweep')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll sweep show last'))
    .action(show);
}
