import { lowestValue, laterReport, type StoppingRule } from './rule';

/** Stops a configuration that has not improved by more than minDelta in its last `patience` reports, whatever the others did. */
export const plateau: StoppingRule = {
  rule: 'plateau',
  rungAt: (stopping, _configuration, update, pace) => laterReport(stopping, update, pace),
  decide({ patience, minDelta }, { curve }) {
    const score = lowestValue(curve);
    if (curve.length <= patience) return { decision: 'continue', score, why: `fewer than ${patience + 1} reports` };
    const before = lowestValue(curve.slice(0, -patience));
    const gain = before - lowestValue(curve.slice(-patience));
    const hasGained = gain > minDelta || (Number.isNaN(before) && !Number.isNaN(score));
    return {
      decision: hasGained ? 'continue' : 'stop',
      score,
      why: `${hasGained ? 'improved' : 'has not improved'} by more than ${minDelta} in its last ${patience} reports`,
    };
  },
};
