import type { Estimate } from '@unroll/contracts';
import type { PastPace } from '@unroll/database';

/** A trial that would be trained. `updates`: undefined where its data decide. */
export interface Planned {
  signature: string;
  cell: string;
  updates: number | undefined;
}

/** The pace of the nearest trials: of the same signature, else of the same cell, else of any, weighed by how many there were. */
function paceFor(
  { signature, cell }: Planned,
  past: readonly PastPace[],
): { seconds: number; alike: boolean } | undefined {
  const same = past.filter((each) => each.signature === signature);
  const near = past.filter((each) => each.cell === cell);
  const taken = same.length > 0 ? same : near.length > 0 ? near : past;
  const trials = taken.reduce((sum, each) => sum + each.trials, 0);
  if (trials === 0) return undefined;
  const seconds = taken.reduce((sum, each) => sum + each.secondsPerUpdate * each.trials, 0) / trials;
  return { seconds, alike: same.length > 0 };
}

/** What `trainings` trials would take, of which `examples` are some, by what trials on the same data took before. */
export function estimateOf(examples: readonly Planned[], trainings: number, past: readonly PastPace[]): Estimate {
  const planned = examples.flatMap(({ updates }) => updates ?? []);
  if (planned.length < examples.length || examples.length === 0)
    return {
      trainings,
      updates: null,
      seconds: null,
      basis: 'training.epochs: the data decide how many updates that is',
    };
  const mean = planned.reduce((sum, updates) => sum + updates, 0) / planned.length;
  const updates = Math.round(mean * trainings);
  const paces = examples.map((each) => ({ each, pace: paceFor(each, past) }));
  if (paces.some(({ pace }) => pace === undefined))
    return { trainings, updates, seconds: null, basis: 'nothing on the same data, split and task was trained before' };
  const seconds = paces.reduce((sum, { each, pace }) => sum + pace!.seconds * each.updates!, 0) / examples.length;
  const alike = paces.filter(({ pace }) => pace!.alike).length;
  const trials = past.reduce((sum, each) => sum + each.trials, 0);
  const share = `${Math.round((100 * alike) / examples.length)} % of these configurations are like one of them`;
  return {
    trainings,
    updates,
    seconds: Math.round(seconds * trainings * 10) / 10,
    basis: `${trials} trials on the same data and task that completed before; ${share}`,
  };
}
