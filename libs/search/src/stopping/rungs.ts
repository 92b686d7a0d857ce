import { getRule } from '.';
import type { Pace, Stopping } from './rule';

/** A report of a configuration: after which update, of how many. */
interface At extends Pace {
  update: number;
  last: number;
}

/** The rung that a configuration is at with a report, where one is exactly there, from 0. Its last report bears no verdict. */
export const rungAt = (stopping: Stopping, configuration: number, { update, last, ...pace }: At): number | undefined =>
  update >= last ? undefined : getRule(stopping).rungAt(stopping, configuration, update, pace);
