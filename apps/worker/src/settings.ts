import type { Config } from '@unroll/config';
import type { Labels } from '@unroll/contracts';
import { newId } from '@unroll/database';
import { hostname } from 'node:os';

/** Lanes that a slot claims before it is known how much memory trials of a signature need. */
export const standardLanes = 16;
/** Milliseconds within which lanes that end are refilled by one claim. */
export const gatherMilliseconds = 20;
/** Milliseconds until a group of which no lane has ended looks for more trials: most of them have none. */
export const settleMilliseconds = 200;
/** Milliseconds until a group that found no trials for its free lanes looks again. */
export const refillMilliseconds = 1000;
/** Seconds that a group takes more trials of its sweep, whoever waits; after that, it ends if the trainer is due to someone else. */
export const turnSeconds = 60;
/** Seconds between two renewals of all leases. */
export const renewSeconds = 2;
/** Milliseconds until an operation that failed is retried. */
export const retryMilliseconds = 1000;
/** Seconds between two polls of PostgreSQL by an idle worker, with or without a ticket. */
export const pollSeconds = 10;
/** Milliseconds that a report may wait for others to be committed with. */
export const batchMilliseconds = 200;
/** Milliseconds between two commits of reports that nothing is decided by. */
export const reportMilliseconds = 1000;
/** Milliseconds that reports and renewals are apart at most where the database is overloaded. */
export const longestSpacing = (leaseSeconds: number): number => 1000 * Math.min(4, leaseSeconds / 5);
/**
 * Milliseconds since the last renewal after which leases are renewed alone, whatever is about to be committed. A renewal writes once a
 * quarter of a lease has passed: of 20 s, at least 9 are then left for it.
 */
export const mostAge = (leaseSeconds: number): number => 1000 * Math.min(6, 0.3 * leaseSeconds);
/** Seconds between two signs of life of a worker about which nothing else has changed. */
export const aliveSeconds = 4;
/** Seconds that a trainer has to end a group whose lanes were all cancelled. */
export const cancelSeconds = 2.5;
/** Seconds for which a data set is kept after it was last used, whatever its size: by then, a worker that stalls has lost its leases. */
export const restSeconds = 600;
/** Seconds that trainers have to write checkpoints when the worker shuts down. */
export const drainSeconds = 6;

/** Identity and limits of this worker. */
export interface WorkerSettings {
  id: string;
  host: string;
  engine: string;
  /** Most lanes per slot; undefined: as many as fit in memory. */
  lanes: number | undefined;
  slots: number;
  /** What sweeps may require. */
  labels: Labels;
  leaseSeconds: number;
  stallSeconds: number;
  /** Seconds, and updates if given, between two checkpoints of a group. */
  checkpoints: { seconds: number; updates: number | undefined };
  /** When it leaves the fleet by itself: idle for so long, after so many trials, after so long; undefined: not for that reason. */
  leave: { idleSeconds: number | undefined; trials: number | undefined; seconds: number | undefined };
  /** Where it answers Prometheus; `port` undefined: nowhere. */
  metrics: { port: number | undefined; host: string; key: string | undefined };
  /** Bytes of the data sets that it keeps on its disk, and seconds for which one that was used is kept in any case. */
  cache: { bytes: number; restSeconds: number };
  artifactsUrl: string;
  dataFolder: string;
}

export const workerSettings = Symbol('WorkerSettings');

export function readSettings(config: Config): WorkerSettings {
  const { engine, lanes, slots, labels, leaseSeconds, stallSeconds, artifactsUrl, dataFolder } = config;
  const checkpoints = { seconds: config.checkpointSeconds, updates: config.checkpointUpdates };
  const leave = { idleSeconds: config.exitWhenIdle, trials: config.maxTrials, seconds: config.maxTime };
  const metrics = { port: config.metricsPort, host: config.host, key: config.key };
  const cache = { bytes: config.cacheBytes, restSeconds };
  const times = { leaseSeconds, stallSeconds, checkpoints, leave, metrics, cache };
  return { id: newId(), host: hostname(), engine, lanes, slots, labels, ...times, artifactsUrl, dataFolder };
}
