import { asha } from './asha';
import { hyperband } from './hyperband';
import { median } from './median';
import { none } from './none';
import { plateau } from './plateau';
import type { Stopping, StoppingRule } from './rule';

/** Every rule that says at a report whether to go on, by the name that a sweep gives it. A population is another thing: population.ts. */
export const stoppingRules: Record<StoppingRule['rule'], StoppingRule> = { none, asha, hyperband, median, plateau };

/** Throws RangeError for a population. */
export function ruleOf({ rule }: Stopping): StoppingRule {
  if (rule === 'population') throw new RangeError('a population is no rule that stops');
  return stoppingRules[rule];
}
