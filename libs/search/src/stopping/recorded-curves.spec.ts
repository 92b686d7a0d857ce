import { stream } from '@unroll/random';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stoppingRules } from '.';
import { rankCorrelation } from './rank-correlation';
import { wholeStopping, type RungEntry } from './rule';
import { rungAt } from './rungs';

const path = join(__dirname, '..', '..', '..', '..', 'tests', 'reference', 'learning-curves.json');
const recorded = JSON.parse(readFileSync(path, 'utf8')) as {
  updates: number[];
  trials: [cell: string, ...best: number[]][];
};
const last = recorded.updates.at(-1)!;
const stopping = wholeStopping({ rule: 'asha', minUpdates: 30, reductionFactor: 3 });
const rungs = recorded.updates.filter(
  (update) => rungAt(stopping, 0, { update, last, every: 15, perUnit: 1 }) !== undefined,
);
/** The recorded best value of a trial up to an update. */
const bestAt = (trial: number, update: number): number =>
  recorded.trials[trial]![recorded.updates.indexOf(update) + 1] as number;

interface Lane {
  trial: number;
  rung: number;
  at: number;
}

/** Replays all trials in another order on a number of lanes, with a verdict at every rung. */
function replay(order: readonly number[], lanes: number): { best: number; updates: number } {
  const arrived = rungs.map((): RungEntry[] => []);
  const waiting = [...order];
  let running: Lane[] = [];
  let [best, updates] = [Infinity, 0];
  const next = (at: number): Lane[] => waiting.splice(0, 1).map((trial) => ({ trial, rung: 0, at: at + rungs[0]! }));
  for (let lane = 0; lane < lanes; lane += 1) running.push(...next(0));
  while (running.length > 0) {
    const lane = running.reduce((first, each) => (each.at < first.at ? each : first));
    running = running.filter((each) => each !== lane);
    const update = rungs[lane.rung] ?? last;
    const value = bestAt(lane.trial, update);
    const report = { configuration: lane.trial, rung: lane.rung, curve: [{ update, value }] };
    const verdict = update < last ? stoppingRules.asha.decide(stopping, report, arrived[lane.rung]!) : undefined;
    if (verdict) arrived[lane.rung]!.push({ configuration: lane.trial, value: verdict.score });
    if (verdict?.decision === 'continue')
      running.push({ ...lane, rung: lane.rung + 1, at: lane.at + (rungs[lane.rung + 1] ?? last) - update });
    else {
      best = Math.min(best, value);
      updates += update;
      running.push(...next(lane.at));
    }
  }
  return { best, updates };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('successive halving on recorded learning curves of the three cells', () => {
  it('finds the best final value within 1 % with a quarter of the updates, in the median of 20 orders', () => {
    const count = recorded.trials.length;
    const best = Math.min(...recorded.trials.map((_, trial) => bestAt(trial, last)));
    for (const lanes of [1, 12]) {
      const runs = Array.from({ length: 20 }, (_, seed) => {
        const numbers = stream(seed, 'order');
        const order = recorded.trials
          .map((_, trial) => trial)
          .sort((a, b) => numbers.uniform(0, a) - numbers.uniform(0, b));
        return replay(order, lanes);
      });
      expect(median(runs.map((run) => run.best / best))).toBeLessThan(1.01);
      expect(median(runs.map((run) => run.updates / (count * last)))).toBeLessThan(0.25);
    }
  });

  it('ranks the trials at each rung almost as at the end', () => {
    const trials = recorded.trials.map((_, trial) => trial);
    const at = (update: number): number[] => trials.map((trial) => bestAt(trial, update));
    expect(rungs.map((rung) => rankCorrelation(at(rung), at(last))! > 0.9)).toEqual([true, true, true]);
  });
});
