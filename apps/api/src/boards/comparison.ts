import { ValidationError, type Comparison } from '@unroll/contracts';
import type { ComparedSeeds } from '@unroll/database';
import { summarize, summarizePairs } from './statistics';

/**
 * Compares two configurations, paired by seed: the effect of the seed on both cancels in the difference. `folds`: the parts that
 * cross-validation holds out in turn, 1 without it.
 * @throws ValidationError for two with different data, split, task or metric
 */
export function compareSeeds(first: ComparedSeeds, second: ComparedSeeds, folds: number): Comparison {
  const { metric, goal } = first.objective;
  const refusal = incomparable(first, second);
  if (refusal !== undefined) throw new ValidationError([{ path: 'second', message: refusal }]);
  const other = new Map(second.seeds.map(({ seed, fold, value }) => [`${seed} ${fold}`, value]));
  const pairs = first.seeds.flatMap(({ seed, fold, value }) => {
    const paired = other.get(`${seed} ${fold}`);
    return paired === undefined ? [] : [{ seed, fold, first: value, second: paired }];
  });
  const among = foldsAmong(pairs, folds);
  const { difference, p } = summarizePairs(
    pairs.map((pair) => [pair.first, pair.second] as const),
    among,
  );
  return {
    objective: { metric, goal },
    first: summarizeSide(first, folds),
    second: summarizeSide(second, folds),
    pairs,
    difference:
      difference.n < 2
        ? null
        : {
            n: difference.n,
            mean: difference.mean!,
            deviation: difference.deviation!,
            interval: difference.interval,
            p,
          },
  };
}

function incomparable(first: ComparedSeeds, second: ComparedSeeds): string | undefined {
  if (first.comparisonKey !== second.comparisonKey)
    return `${second.trialId} and ${first.trialId} differ in data, split or task: they cannot be compared`;
  const [one, other] = [first.objective.metric, second.objective.metric];
  if (one === other) return undefined;
  return `${second.trialId} optimizes ${other} and ${first.trialId} ${one}: they cannot be compared`;
}

function summarizeSide({ trialId, sweepId, configuration, seeds }: ComparedSeeds, folds: number): Comparison['first'] {
  const values = seeds.map(({ value }) => value);
  return { trialId, sweepId, configuration, ...summarize(values, foldsAmong(seeds, folds)) };
}

/** The number of folds if values of several are among these; those of one part are not correlated by what they were trained on. */
const foldsAmong = (values: readonly { fold: number | null }[], folds: number): number =>
  new Set(values.map(({ fold }) => fold)).size > 1 ? folds : 1;
