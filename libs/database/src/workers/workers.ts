import type { DataSource } from 'typeorm';
import type { Worker } from '../entities/worker';

/** Records that a worker is alive, by the database's clock. */
export async function seeWorker(dataSource: DataSource, worker: Omit<Worker, 'lastSeen'>): Promise<void> {
  const { id, host, pid, trainers, engine, device, lanes, slots, memoryUsed, memoryTotal, stepsPerSecond } = worker;
  await dataSource.query(
    `insert into workers (id, host, pid, trainers, engine, device, lanes, slots, memory_used, memory_total, steps_per_second)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (id) do update set trainers = $4, engine = $5, device = $6, lanes = $7, slots = $8, memory_used = $9,
       memory_total = $10, steps_per_second = $11, last_seen = clock_timestamp()`,
    [id, host, pid, trainers, engine, device, lanes, slots, memoryUsed, memoryTotal, stepsPerSecond],
  );
}

/** Removes a worker that has left. */
export async function forgetWorker(dataSource: DataSource, id: string): Promise<void> {
  await dataSource.query(`delete from workers where id = $1`, [id]);
}

export interface LiveWorker extends Worker {
  running: string[];
}

/** Workers seen within `seconds`, optionally of these ids only, with the trials that each runs. */
export function liveWorkers(dataSource: DataSource, seconds: number, ids?: readonly string[]): Promise<LiveWorker[]> {
  return dataSource.query(
    `select id, host, pid, trainers, engine, device, lanes, slots, memory_used::double precision as "memoryUsed",
            memory_total::double precision as "memoryTotal", steps_per_second as "stepsPerSecond", last_seen as "lastSeen",
            array(select trial_id from attempts where worker_id = workers.id and state = 'running' order by started_at, trial_id) as running
     from workers where last_seen > clock_timestamp() - make_interval(secs => $1) and ($2::text[] is null or id = any($2))
     order by host, pid`,
    [seconds, ids ?? null],
  );
}
