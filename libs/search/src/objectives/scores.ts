import { normalQuantile } from '../space/normal';
import type { Observation } from './observation';

/** The outcomes of one configuration: the last one is that of its longest training. */
export type History = readonly Observation[];

const lastOf = (history: History): Observation => history.at(-1)!;
const valueOf = (observation: Observation): number => observation.values[0]!;

/** What a model of the objective is fitted to, one number for each configuration: less is better. */
export function scoresOf(histories: readonly History[]): Float64Array {
  const early = histories.some((history) => lastOf(history).share < 1);
  return early ? orderScores(histories) : standardised(histories.map((history) => valueOf(lastOf(history))));
}

/** What is assumed of an order at one level and at the next, as if so many configurations had shown it. */
const assumed = { slope: 0.7, weight: 4 };

/** How scores at a level lead to scores at the next: a line through their common mean. */
interface Step {
  level: number;
  mean: number;
  slope: number;
}

/**
 * Scores of configurations whose trainings end early, with a mean of 0 and a deviation of 1. Values after different numbers of updates do
 * not compare, but orders do, so they are settled level by level, a level being a share of the training after which one of them ended. At
 * the first level a score is the normal quantile of the rank. Those that go on deal the scores that they have there among themselves, by
 * their order at the next level, and so on: one that has just begun, and begins better than all others did, is not behind those that
 * trained longer for that reason. But an early order holds only in part. From those that went on follows how a score at one level leads to
 * that at the next, by linear regression, and the score of a configuration that ended early is the one expected at the end of its training.
 * Those that went on and have no value at a level rank before those that ended there, because stopping rules end the worse ones. Those
 * without a value all have the worst score.
 */
export function orderScores(histories: readonly History[]): Float64Array {
  const count = histories.length;
  const scores = new Float64Array(count).fill(normalQuantile(1 - 0.5 / count));
  const valued = [...histories.keys()].filter((index) => Number.isFinite(valueOf(lastOf(histories[index]!))));
  for (const [rank, index] of valued.entries()) scores[index] = normalQuantile((rank + 0.5) / count);
  const steps: Step[] = [];
  const levels = new Set(valued.map((index) => lastOf(histories[index]!).share));
  const reached = ranksAt(histories, valued);
  // By their scores, which ascend.
  let members = valued;
  let before: [index: number, score: number][] = [];
  for (const level of [...levels].sort((a, b) => a - b)) {
    const ranks = reached.get(level)!;
    const order = dealBy(ranks, members, scores);
    if (before.length > 0) steps.at(-1)!.slope = slopeOf(before, scores);
    members = order.filter((index) => lastOf(histories[index]!).share > level);
    before = members.filter((index) => Number.isFinite(ranks.get(index))).map((index) => [index, scores[index]!]);
    if (before.length > 0) steps.push({ level, mean: meanOf(before.map(([, score]) => score)), slope: 1 });
  }
  for (const index of valued)
    for (const { level, mean, slope } of steps)
      if (level >= lastOf(histories[index]!).share) scores[index] = mean + slope * (scores[index]! - mean);
  return centred([...scores]);
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

/** What configurations rank by at each share of the training after which they have a value, by number; Infinity if it is not finite. */
function ranksAt(histories: readonly History[], indices: readonly number[]): Map<number, Map<number, number>> {
  const ranks = new Map<number, Map<number, number>>();
  const byNumber = indices.toSorted((a, b) => lastOf(histories[a]!).number - lastOf(histories[b]!).number);
  for (const index of byNumber)
    for (const observation of histories[index]!) {
      const there = ranks.get(observation.share) ?? new Map<number, number>();
      ranks.set(observation.share, there);
      there.set(index, Number.isFinite(valueOf(observation)) ? valueOf(observation) : Infinity);
    }
  return ranks;
}

/** Deals the scores of the members, which ascend, among them: first to those without a rank. Of equal ranks the first comes first. */
function dealBy(ranks: ReadonlyMap<number, number>, members: readonly number[], scores: Float64Array): number[] {
  const order = [
    ...members.filter((index) => !ranks.has(index)),
    ...[...ranks].sort(([, one], [, other]) => (one < other ? -1 : Number(one > other))).map(([index]) => index),
  ];
  const dealt = members.map((index) => scores[index]!);
  for (const [rank, index] of order.entries()) scores[index] = dealt[rank]!;
  return order;
}

/** The slope from scores before to the same scores dealt anew, in [0, 1]. */
function slopeOf(before: readonly [index: number, score: number][], scores: Float64Array): number {
  const mean = meanOf(before.map(([, score]) => score));
  const spread = before.reduce((sum, [, score]) => sum + (score - mean) ** 2, 0);
  const common = before.reduce((sum, [index, score]) => sum + (score - mean) * (scores[index]! - mean), 0);
  const seen = before.length - 1;
  const slope = spread > 0 ? common / spread : 1;
  return Math.min(1, Math.max(0, (seen * slope + assumed.weight * assumed.slope) / (seen + assumed.weight)));
}

/** Standardised values with compressed outliers, so that a few large losses do not flatten the region near the best. */
export function standardised(values: readonly number[]): Float64Array {
  const finite = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (finite.length === 0) return new Float64Array(values.length);
  const [least, middle] = [finite[0]!, finite[Math.floor(finite.length / 2)]!];
  const spread = middle - least || finite.at(-1)! - least || 1;
  const worst = Math.min(finite.at(-1)!, middle + Math.min(spread, Number.MAX_VALUE));
  // Values that are all equal are still better than none.
  if (worst === least) return centred(values.map((value) => Number(!Number.isFinite(value))));
  const drawn = Float64Array.from(values, (value) => (Number.isFinite(value) ? Math.min(value, worst) : worst));
  // Relative to the largest, so that no square overflows.
  const largest = drawn.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  return centred([...drawn].map((each) => each / largest));
}

/** Values with a mean of 0 and a deviation of 1; all 0 if they are equal. */
function centred(values: readonly number[]): Float64Array {
  const mean = meanOf(values);
  const deviation = Math.sqrt(meanOf(values.map((each) => (each - mean) ** 2)));
  return Float64Array.from(values, (each) => (deviation > 1e-12 ? (each - mean) / deviation : 0));
}
