import { Injectable } from '@nestjs/common';
import type { DrainBody, WorkerView } from '@unroll/contracts';
import { drainWorker, findWorker, liveWorkers, UnknownId, type LiveWorker } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { pacesOf } from './pace';

/**
 * Seconds without a sign of life after which a worker is silent (it gives one every 4 s, or 6 where the database is overloaded), and after
 * which it is no longer listed.
 */
const silentSeconds = 15;
const listedSeconds = 300;
/** Part of the median of its like below which a worker is slow. */
const slowPace = 0.5;

@Injectable()
export class WorkersService {
  constructor(private readonly dataSource: DataSource) {}

  /** The fleet as a team sees it. */
  async list({ teamId }: Pick<Caller, 'teamId'>): Promise<WorkerView[]> {
    const workers = await liveWorkers(this.dataSource, teamId, { listedSeconds, silentSeconds });
    const paces = pacesOf(workers);
    return workers.map((worker) => workerView(worker, paces.get(worker.id) ?? null));
  }

  async drain(caller: Caller, prefix: string, { running }: DrainBody): Promise<WorkerView> {
    return this.change(caller, prefix, running);
  }

  async resume(caller: Caller, prefix: string): Promise<WorkerView> {
    return this.change(caller, prefix, null);
  }

  private async change(caller: Caller, prefix: string, drain: DrainBody['running'] | null): Promise<WorkerView> {
    const id = await findWorker(this.dataSource, prefix, listedSeconds);
    await drainWorker(this.dataSource, id, drain);
    const found = (await this.list(caller)).find((worker) => worker.id === id);
    if (!found) throw new UnknownId(`worker ${id} has left`, false);
    return found;
  }
}

function workerView(worker: LiveWorker, pace: number | null): WorkerView {
  const { memoryUsed, memoryTotal, lastSeen, groups: _, signatures: __, ...shown } = worker;
  const memory = memoryUsed === null || memoryTotal === null ? null : { used: memoryUsed, total: memoryTotal };
  return { ...shown, memory, pace, slow: pace !== null && pace < slowPace, lastSeen: lastSeen.toISOString() };
}
