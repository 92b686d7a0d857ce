import { lowestValue, geometricRung, isBetter, type RungEntry, type StoppingRule, type Verdict } from './rule';

/** Whether a value is among the best 1 / factor of a rung, itself included; the best so far always is. */
export function halve(score: number, before: readonly RungEntry[], factor: number): Verdict {
  const better = before.filter(({ value }) => isBetter(value, score)).length;
  const count = before.length + 1;
  const kept = Math.max(1, Math.floor(count / factor));
  const decision = better < kept && !(Number.isNaN(score) && before.length > 0) ? 'continue' : 'stop';
  return { decision, score, why: `place ${better + 1} of ${count} at this rung, where the best ${kept} go on` };
}

/**
 * Asynchronous successive halving in the form that stops (Li et al. 2020, "A system for massively parallel hyperparameter tuning"): at
 * each rung a configuration goes on where it is among the best 1 / reductionFactor of those that have come so far. Nobody waits.
 */
export const asha: StoppingRule = {
  rule: 'asha',
  rungAt: ({ minimum, reductionFactor }, _configuration, update, pace) =>
    geometricRung(minimum, reductionFactor, update, pace),
  decide: ({ reductionFactor }, { curve }, before) => halve(lowestValue(curve), before, reductionFactor),
};
