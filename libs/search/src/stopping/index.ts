import type { StoppingVerdictRule } from '@unroll/contracts';
import { asha } from './asha';
import { hyperband } from './hyperband';
import { median } from './median';
import { none } from './none';
import { plateau } from './plateau';
import type { Stopping, StoppingRule } from './rule';

/** Every rule that decides at a rung whether a configuration continues. Population-based training is in population.ts. */
export const stoppingRules: Record<StoppingVerdictRule, StoppingRule> = { none, asha, hyperband, median, plateau };

const isVerdictRule = (rule: Stopping['rule']): rule is StoppingVerdictRule => Object.hasOwn(stoppingRules, rule);

/** @throws RangeError for a rule that stops no configuration, such as population */
export function getRule({ rule }: Stopping): StoppingRule {
  if (!isVerdictRule(rule)) throw new RangeError(`${rule} does not stop configurations`);
  return stoppingRules[rule];
}
