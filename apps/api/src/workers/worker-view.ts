import type { WorkerView } from '@unroll/contracts';
import type { LiveWorker } from '@unroll/database';

/** Seconds without a sign of life after which a worker is no longer listed. */
export const seenWithin = 15;

export function workerView({ memoryUsed, memoryTotal, lastSeen, ...worker }: LiveWorker): WorkerView {
  const memory = memoryUsed === null || memoryTotal === null ? null : { used: memoryUsed, total: memoryTotal };
  return { ...worker, memory, lastSeen: lastSeen.toISOString() };
}
