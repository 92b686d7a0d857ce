import { getRule } from '.';
import type { Pace, Stopping } from './rule';

/** A report of a configuration: the update it follows, and the last update of the trial. */
interface At extends Pace {
  update: number;
  last: number;
}

/** The number of the rung at a report, from 0; undefined if there is none. The last report is never a rung. */
export const rungAt = (stopping: Stopping, configuration: number, { update, last, ...pace }: At): number | undefined =>
  update >= last ? undefined : getRule(stopping).rungAt(stopping, configuration, update, pace);
