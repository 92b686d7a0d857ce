import { meanOf } from '@unroll/contracts';
import { lowestValue, isBetter, laterReport, type StoppingRule } from './rule';

/**
 * The median rule (Golovin et al. 2017, "Google Vizier"): stops a configuration whose best value so far is worse than the median of the
 * other configurations' running averages at the same rung. Rungs are all reports from minUpdates on, or the multiples of minEpochs or
 * minTokens. The first minTrials configurations at a rung always continue.
 */
export const median: StoppingRule = {
  rule: 'median',
  rungAt(stopping, _configuration, update, pace) {
    if (stopping.unit === 'updates') return laterReport(stopping, update, pace);
    const multiple = Math.floor(update / (stopping.minimum * pace.perUnit));
    const isFirst = multiple * stopping.minimum * pace.perUnit > update - pace.every;
    return multiple > 0 && isFirst && update % pace.every === 0 ? multiple - 1 : undefined;
  },
  decide({ minTrials }, { curve }, before) {
    const score = meanOf(curve.map(({ value }) => value));
    if (before.length < minTrials)
      return { decision: 'continue', score, why: `one of the first ${minTrials} at this rung` };
    const averages = before.map(({ value }) => value).sort((a, b) => (isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0));
    const middle = averages[Math.floor((averages.length - 1) / 2)]!;
    const best = lowestValue(curve);
    const isWorse = isBetter(middle, best);
    const than = `the median of ${averages.length} running averages, ${middle.toPrecision(4)}`;
    return {
      decision: isWorse ? 'stop' : 'continue',
      score,
      why: `its best value, ${best.toPrecision(4)}, is ${isWorse ? 'worse than' : 'no worse than'} ${than}`,
    };
  },
};
