import type { Config } from '@unroll/config';
import { newId } from '@unroll/database';
import { hostname } from 'node:os';

/** Lanes that a slot trains side by side where nothing is said. */
const standardLanes = 16;
/** Seconds between two renewals of all leases. */
export const renewSeconds = 2;
/** Seconds between two looks into PostgreSQL by an idle worker, ticket or not. */
export const lookSeconds = 10;
/** Milliseconds that a report may wait for others, to be committed with them. */
export const batchMilliseconds = 200;

/** What this worker is. */
export interface WorkerSettings {
  id: string;
  host: string;
  engine: string;
  lanes: number;
  slots: number;
  leaseSeconds: number;
  stallSeconds: number;
  artifactsUrl: string;
  dataFolder: string;
}

export const workerSettings = Symbol('WorkerSettings');

export function settingsFrom(config: Config): WorkerSettings {
  const { engine, slots, leaseSeconds, stallSeconds, artifactsUrl, dataFolder } = config;
  const lanes = config.lanes ?? standardLanes;
  return { id: newId(), host: hostname(), engine, lanes, slots, leaseSeconds, stallSeconds, artifactsUrl, dataFolder };
}
