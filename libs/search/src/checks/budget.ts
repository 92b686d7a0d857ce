import { goalSign, metrics, ValidationError, type SweepSpec } from '@unroll/contracts';
import { getObjective } from '../objective';

/** Refuses a target or a patience that could never end the sweep, or would end it at once. @throws ValidationError */
export function checkBudget(spec: SweepSpec, { configurations }: { configurations: number }): void {
  const { budget, objectives } = spec;
  const { target, patience } = budget;
  const refuse = (key: 'target' | 'patience', message: string): ValidationError =>
    new ValidationError([{ path: `budget.${key}`, message }]);
  for (const key of ['target', 'patience'] as const)
    if (objectives && budget[key] !== undefined)
      throw refuse(key, `is a value of one objective, but the sweep has ${objectives.length}: leave it out`);
  if (patience !== undefined && patience >= configurations)
    throw refuse('patience', `must be below the number of configurations, ${configurations}, not ${patience}`);
  if (target === undefined) return;
  const { metric, goal } = getObjective(spec);
  const [least, most] = metrics[metric].range ?? [-Infinity, Infinity];
  const [worst, best] = goalSign({ goal }) > 0 ? [most, least] : [least, most];
  if (target < least || target > most) throw refuse('target', `is never reached: ${metric} is ${inWords(least, most)}`);
  if (target === worst && best !== worst)
    throw refuse('target', `is reached by every network: the worst value of ${metric} is ${worst}`);
}

const inWords = (least: number, most: number): string =>
  most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
