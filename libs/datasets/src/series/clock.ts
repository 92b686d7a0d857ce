import { DateTime, FixedOffsetZone } from 'luxon';
import { fromWalls, toWalls } from '../columns/zones';
import type { Clock } from '../prepared/rows';
import { stepsAfter } from './step';

const day = 86_400_000;

/** The time `count` usual steps after another; NaN where times have no usual step. */
export function laterTime({ zone, step }: Clock, time: number, count: number): number {
  if (!step) return NaN;
  const isByDay = step.unit !== 'fixed' || step.size % day === 0 || step.isOnWall === true;
  if (zone === undefined || !isByDay) return stepsAfter(time, count, step);
  // Days differ in length where summer time begins or ends.
  const wall = toWalls(Float64Array.of(time), zone)[0]!;
  return fromWalls(Float64Array.of(stepsAfter(wall, count, step)), zone)[0]!;
}

/** Whether all times are whole days. */
const isDaily = ({ kind, times, zone }: Clock): boolean =>
  kind === 'dates' && zone === undefined && times.every((time) => time % day === 0);

/** Writes times as ISO 8601, with an offset where one is known; whole days as dates; and numbers as they are. */
export function timeWriter(clock: Clock): (time: number) => string {
  const { kind, hasOffset, zone } = clock;
  if (kind === 'numbers') return String;
  if (isDaily(clock)) return (time) => new Date(time).toISOString().slice(0, 10);
  const place = zone ?? FixedOffsetZone.utcInstance;
  const includeOffset = hasOffset || zone !== undefined;
  return (time) => DateTime.fromMillis(time, { zone: place }).toISO({ suppressMilliseconds: true, includeOffset })!;
}
