import type { Config } from '@unroll/config';
import { newId } from '@unroll/database';
import { hostname } from 'node:os';

/** Lanes that a slot claims where nothing is known of the memory that such trials take. */
export const standardLanes = 16;
/** Milliseconds in which lanes that end together are gathered, to be filled at once. */
export const gatherMilliseconds = 20;
/** Milliseconds until a group that found no work for its free lanes asks again. */
export const refillMilliseconds = 1000;
/** Seconds between two renewals of all leases. */
export const renewSeconds = 2;
/** Seconds between two looks into PostgreSQL by an idle worker, ticket or not. */
export const lookSeconds = 10;
/** Milliseconds that a report may wait for others, to be committed with them. */
export const batchMilliseconds = 200;
/** Seconds that a trainer has to let go of a group of which every lane was cancelled. */
export const cancelSeconds = 2.5;
/** Seconds that trainers have to write checkpoints when the worker is told to end. */
export const drainSeconds = 6;

/** What this worker is. */
export interface WorkerSettings {
  id: string;
  host: string;
  engine: string;
  /** Lanes that a slot trains at most; undefined: as many as its memory holds. */
  lanes: number | undefined;
  slots: number;
  leaseSeconds: number;
  stallSeconds: number;
  /** Seconds, and updates where given, between two checkpoints of a group. */
  checkpoints: { seconds: number; updates: number | undefined };
  artifactsUrl: string;
  dataFolder: string;
}

export const workerSettings = Symbol('WorkerSettings');

export function settingsFrom(config: Config): WorkerSettings {
  const { engine, lanes, slots, leaseSeconds, stallSeconds, artifactsUrl, dataFolder } = config;
  const checkpoints = { seconds: config.checkpointSeconds, updates: config.checkpointUpdates };
  const times = { leaseSeconds, stallSeconds, checkpoints };
  return { id: newId(), host: hostname(), engine, lanes, slots, ...times, artifactsUrl, dataFolder };
}
