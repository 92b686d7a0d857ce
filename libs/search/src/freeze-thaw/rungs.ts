import { atReport, type Stopping } from '../stopping/rule';

/** Each rung has this many times the updates of the one before. */
const factor = 2;

/** The first rung after `update`: its update, at a report, and its number from 0. Rungs that fall on one report are one. */
export function nextRung(stopping: Stopping, update: number, reportEvery: number): { update: number; rung: number } {
  const pace = { every: reportEvery, perUnit: 1 };
  let at = atReport(stopping.minimum, pace);
  let rung = 0;
  for (let next = stopping.minimum; at <= update; rung += 1) {
    const before = at;
    while (at === before) at = atReport((next *= factor), pace);
  }
  return { update: at, rung };
}

/** The number of the end of a training of so many updates, which counts as its last rung. */
export const lastRung = (stopping: Stopping, updates: number, reportEvery: number): number =>
  nextRung(stopping, updates - 1, reportEvery).rung;
