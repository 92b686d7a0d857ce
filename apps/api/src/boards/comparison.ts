import { ValidationError, type Comparison } from '@unroll/contracts';
import type { ComparedSeeds } from '@unroll/database';
import { pairedP, summaryOf } from './statistics';

/**
 * Two configurations, paired by seed: what a seed decides for both is left out of the difference.
 * @throws ValidationError for two that were measured on other data, or by another metric
 */
export function comparisonOf(first: ComparedSeeds, second: ComparedSeeds): Comparison {
  const { metric, goal } = first.objective;
  const refusal = refusalOf(first, second);
  if (refusal !== undefined) throw new ValidationError([{ path: 'second', message: refusal }]);
  const other = new Map(second.seeds.map(({ seed, value }) => [seed, value]));
  const pairs = first.seeds.flatMap(({ seed, value }) => {
    const paired = other.get(seed);
    return paired === undefined ? [] : [{ seed, first: value, second: paired }];
  });
  const difference = summaryOf(pairs.map((pair) => pair.first - pair.second));
  return {
    objective: { metric, goal },
    first: sideOf(first),
    second: sideOf(second),
    pairs,
    difference:
      difference.n < 2
        ? null
        : {
            n: difference.n,
            mean: difference.mean!,
            deviation: difference.deviation!,
            interval: difference.interval,
            p: pairedP(difference),
          },
  };
}

function refusalOf(first: ComparedSeeds, second: ComparedSeeds): string | undefined {
  if (first.comparisonKey !== second.comparisonKey)
    return `${second.trialId} was measured on other data, another split or another task than ${first.trialId}: they cannot be compared`;
  const [one, other] = [first.objective.metric, second.objective.metric];
  if (one === other) return undefined;
  return `${second.trialId} optimises ${other} and ${first.trialId} ${one}: they cannot be compared`;
}

function sideOf({ trialId, sweepId, configuration, seeds }: ComparedSeeds): Comparison['first'] {
  return { trialId, sweepId, configuration, ...summaryOf(seeds.map(({ value }) => value)) };
}
