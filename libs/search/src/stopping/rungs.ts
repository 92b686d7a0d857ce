import { stoppingRules } from '.';
import type { Stopping } from './rule';

/** The rung that a configuration is at after `update`, where one is exactly there, from 0. Its last report bears no verdict. */
export function rungAt(
  stopping: Stopping,
  configuration: number,
  { update, every, last }: { update: number; every: number; last: number },
): number | undefined {
  if (update >= last) return undefined;
  let number = 0;
  for (const rung of stoppingRules[stopping.rule].rungs(stopping, configuration, every)) {
    if (rung === update) return number;
    if (rung > update) return undefined;
    number += 1;
  }
  return undefined;
}
