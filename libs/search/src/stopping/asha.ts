import {
  lowestValue,
  geometricRung,
  isBetter,
  type LaterVerdict,
  type RungEntry,
  type StoppingRule,
  type Verdict,
} from './rule';

/** Fewest arrivals that are compared. */
const fewestCompared = 9;
/** How many arrivals are compared: a whole number, whatever the factor is. */
const compared = (factor: number): number => Math.max(fewestCompared, Math.ceil(factor ** 2));

/**
 * Continues if the score is among the best 1 / factor, itself included; a score better than all before always is. It is compared with the
 * last factor² arrivals at the rung, at least 9: where a sampler learns, later configurations are better, and compared with all of them
 * nearly each would continue. Of equal scores the earlier arrivals rank first, or all of them would continue. `earlier`: how many of the
 * arrivals came before it.
 */
export function halve(
  score: number,
  arrivals: readonly RungEntry[],
  factor: number,
  earlier = arrivals.length,
): Verdict {
  const before = arrivals.slice(-compared(factor));
  const skipped = arrivals.length - before.length;
  const better = before.filter(({ value }, index) =>
    skipped + index < earlier ? !isBetter(score, value) : isBetter(value, score),
  ).length;
  const count = before.length + 1;
  const kept = Math.max(1, Math.floor(count / factor));
  const decision = better < kept && !(Number.isNaN(score) && before.length > 0) ? 'continue' : 'stop';
  const last = before.length < arrivals.length ? 'the last ' : '';
  return { decision, score, why: `rank ${better + 1} of ${last}${count} at this rung; the best ${kept} continue` };
}

/** A configuration that continued for want of others stops when the first arrivals at the rung show that it is not among the best. */
export const laterHalving: LaterVerdict = {
  enough: ({ reductionFactor }) => compared(reductionFactor),
  reason({ reductionFactor }, configuration, arrivals) {
    const earlier = arrivals.findIndex((each) => each.configuration === configuration);
    if (earlier < 0 || arrivals.length < reductionFactor) return undefined;
    const { decision, why } = halve(arrivals[earlier]!.value, arrivals.toSpliced(earlier, 1), reductionFactor, earlier);
    return decision === 'stop' ? why : undefined;
  },
};

/**
 * Asynchronous successive halving, the stopping variant (Li et al. 2020, "A system for massively parallel hyperparameter tuning"): a
 * configuration continues if it is among the best 1 / reductionFactor of the last that have reached the rung. Nothing waits.
 */
export const asha: StoppingRule = {
  rule: 'asha',
  rungAt: ({ minimum, reductionFactor }, _configuration, update, pace) =>
    geometricRung(minimum, reductionFactor, update, pace),
  decide: ({ reductionFactor }, { curve }, before) => halve(lowestValue(curve), before, reductionFactor),
  later: laterHalving,
};
