import { lowestValue, type StoppingRule } from './rule';

/** Trains every trial to its end. */
export const none: StoppingRule = {
  rule: 'none',
  rungAt: () => undefined,
  decide: (_stopping, { curve }) => ({ decision: 'continue', score: lowestValue(curve), why: 'no stopping rule' }),
};
