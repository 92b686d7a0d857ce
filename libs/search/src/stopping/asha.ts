import { lowestValue, geometricRung, isBetter, type RungEntry, type StoppingRule, type Verdict } from './rule';

/** Continues if the score is among the best 1 / factor of the rung, itself included; the best score so far always is. */
export function halve(score: number, before: readonly RungEntry[], factor: number): Verdict {
  const better = before.filter(({ value }) => isBetter(value, score)).length;
  const count = before.length + 1;
  const kept = Math.max(1, Math.floor(count / factor));
  const decision = better < kept && !(Number.isNaN(score) && before.length > 0) ? 'continue' : 'stop';
  return { decision, score, why: `rank ${better + 1} of ${count} at this rung; the best ${kept} continue` };
}

/**
 * Asynchronous successive halving, the stopping variant (Li et al. 2020, "A system for massively parallel hyperparameter tuning"): a
 * configuration continues if it is among the best 1 / reductionFactor of those that have reached the rung so far. Nothing waits.
 */
export const asha: StoppingRule = {
  rule: 'asha',
  rungAt: ({ minimum, reductionFactor }, _configuration, update, pace) =>
    geometricRung(minimum, reductionFactor, update, pace),
  decide: ({ reductionFactor }, { curve }, before) => halve(lowestValue(curve), before, reductionFactor),
};
