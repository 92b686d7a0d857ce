import { halve, laterHalving } from './asha';
import { lowestValue, geometricRung, type Stopping, type StoppingRule } from './rule';

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * The bracket of a configuration, from 0: bracket b starts at rung b. Brackets get the shares of the original algorithm (Li et al. 2018):
 * those that stop earlier get more. Depends only on the configuration's number; any run of consecutive numbers has these shares
 * approximately.
 */
export function getBracket({ reductionFactor, brackets }: Stopping, configuration: number): number {
  const weights = Array.from({ length: brackets }, (_, bracket) => {
    const halvings = brackets - 1 - bracket;
    return Math.ceil((brackets / (halvings + 1)) * reductionFactor ** halvings);
  });
  const total = weights.reduce((a, b) => a + b, 0);
  let rest = (((configuration + 1) * goldenRatio) % 1) * total;
  for (const [bracket, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return bracket;
  }
  return brackets - 1;
}

/** Asynchronous Hyperband (Li et al. 2018): successive halving in several brackets, each of which starts one rung later. */
export const hyperband: StoppingRule = {
  rule: 'hyperband',
  rungAt(stopping, configuration, update, pace) {
    const { minimum, reductionFactor } = stopping;
    const first = minimum * reductionFactor ** getBracket(stopping, configuration);
    return geometricRung(first, reductionFactor, update, pace);
  },
  decide(stopping, { configuration, curve }, before) {
    const bracket = getBracket(stopping, configuration);
    const rivals = before.filter((entry) => getBracket(stopping, entry.configuration) === bracket);
    const verdict = halve(lowestValue(curve), rivals, stopping.reductionFactor);
    return { ...verdict, why: `bracket ${bracket}: ${verdict.why}` };
  },
  later: {
    // A bracket has but a part of the arrivals.
    enough: (stopping) => laterHalving.enough(stopping) * stopping.brackets,
    reason(stopping, configuration, arrivals) {
      const bracket = getBracket(stopping, configuration);
      const rivals = arrivals.filter((entry) => getBracket(stopping, entry.configuration) === bracket);
      const reason = laterHalving.reason(stopping, configuration, rivals);
      return reason && `bracket ${bracket}: ${reason}`;
    },
  },
};
