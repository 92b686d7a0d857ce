import type { DataSource } from 'typeorm';
import type { Worker } from '../entities/worker';

/** Removes a worker that has left. */
export async function forgetWorker(dataSource: DataSource, id: string): Promise<void> {
  await dataSource.query(`delete from workers where id = $1`, [id]);
}

export interface LiveWorker extends Worker {
  /** Trials of the team. */
  running: string[];
  /** How many trials of other teams it runs. */
  others: number;
}

/** Workers seen within `seconds`, optionally of these ids only, with the team's trials that each runs. */
export function liveWorkers(
  dataSource: DataSource,
  teamId: string,
  seconds: number,
  ids?: readonly string[],
): Promise<LiveWorker[]> {
  return dataSource.query(
    `select id, host, pid, trainers, engine, device, lanes, slots, memory_used::double precision as "memoryUsed",
            memory_total::double precision as "memoryTotal", steps_per_second as "stepsPerSecond", last_seen as "lastSeen",
            coalesce(running, '{}') as running, coalesce(others, 0) as others
     from workers left join lateral (
       select array_agg(trial_id order by attempts.started_at, trial_id) filter (where sweeps.team_id = $3) as running,
              (count(*) filter (where sweeps.team_id <> $3))::integer as others
       from attempts join trials on trials.id = trial_id join sweeps on sweeps.id = sweep_id
       where attempts.worker_id = workers.id and attempts.state = 'running'
     ) busy on true
     where last_seen > clock_timestamp() - make_interval(secs => $1) and ($2::text[] is null or id = any($2))
     order by host, pid`,
    [seconds, ids ?? null, teamId],
  );
}
