import type { Estimate } from '@unroll/contracts';
import type { PastPace } from '@unroll/database';

/** A trial that would be trained. `updates`: undefined if it depends on the data. */
export interface Planned {
  signature: string;
  cell: string;
  updates: number | undefined;
}

/** The mean pace of the most similar trials: of the same signature, else of the same cell, else of all. */
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

/** The cost of `trainings` trials, of which `examples` are a sample, estimated from earlier trials on the same data. */
export function estimateSweep(examples: readonly Planned[], trainings: number, past: readonly PastPace[]): Estimate {
  const planned = examples.flatMap(({ updates }) => updates ?? []);
  if (planned.length < examples.length || examples.length === 0)
    return {
      trainings,
      updates: null,
      seconds: null,
      basis: 'training.epochs: the number of updates depends on the data',
    };
  const mean = planned.reduce((sum, updates) => sum + updates, 0) / planned.length;
  const updates = Math.round(mean * trainings);
  const paces = examples.map((each) => ({ each, pace: paceFor(each, past) }));
  if (paces.some(({ pace }) => pace === undefined))
    return { trainings, updates, seconds: null, basis: 'no trial on the same data, split and task has completed yet' };
  const seconds = paces.reduce((sum, { each, pace }) => sum + pace!.seconds * each.updates!, 0) / examples.length;
  const alike = paces.filter(({ pace }) => pace!.alike).length;
  const trials = past.reduce((sum, each) => sum + each.trials, 0);
  const share = `${Math.round((100 * alike) / examples.length)} % of these configurations match one of them`;
  return {
    trainings,
    updates,
    seconds: Math.round(seconds * trainings * 10) / 10,
    basis: `${trials} completed trials on the same data and task; ${share}`,
  };
}
