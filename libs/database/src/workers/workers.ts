import type { Drain, Labels } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import type { Worker } from '../entities/worker';
import { UnknownId } from '../find-id';

/** Removes a worker that has left; the memory that it had is remembered. */
export async function forgetWorker(dataSource: DataSource, id: string): Promise<void> {
  await dataSource.query(
    `with gone as (delete from workers where id = $1 returning memory_class, room)
     insert into departed_memory (memory_class, room) select memory_class, room from gone where room is not null
     on conflict (memory_class, room) do update set left_at = clock_timestamp()`,
    [id],
  );
}

export interface LiveWorker extends Worker {
  /** Trials of the team. */
  running: string[];
  /** How many trials of other teams it runs. */
  others: number;
  /** Whether it was not seen within `silentSeconds`. */
  silent: boolean;
  /** Trainers at work, and the kinds of trials that they train. */
  groups: number;
  signatures: string[];
}

/** Within how many seconds a worker must have been seen to be listed, and not to be silent. */
export interface Seen {
  listedSeconds: number;
  silentSeconds: number;
}

/** Workers seen of late, with the team's trials that each runs. attempts_running has what runs: it is read once for all workers. */
export function liveWorkers(
  dataSource: DataSource,
  teamId: string,
  { listedSeconds, silentSeconds }: Seen,
): Promise<LiveWorker[]> {
  return dataSource.query(
    `select id, host, pid, trainers, engine, device, labels, lanes, slots, memory_used::double precision as "memoryUsed",
            memory_total::double precision as "memoryTotal", steps_per_second as "stepsPerSecond", use, drain,
            last_seen as "lastSeen", last_seen < clock_timestamp() - make_interval(secs => $2) as silent,
            coalesce(running, '{}') as running, coalesce(others, 0) as others, coalesce(groups, 0) as groups,
            coalesce(signatures, '{}') as signatures
     from workers left join (
       select worker_id, array_agg(trial_id order by attempts.started_at, trial_id) filter (where sweeps.team_id = $3) as running,
              (count(*) filter (where sweeps.team_id <> $3))::integer as others, count(distinct group_id)::integer as groups,
              array_agg(distinct trials.signature) as signatures
       from attempts join trials on trials.id = trial_id join sweeps on sweeps.id = sweep_id
       where attempts.state = 'running' group by worker_id
     ) busy on worker_id = workers.id
     where last_seen > clock_timestamp() - make_interval(secs => $1)
     order by host, pid`,
    [listedSeconds, silentSeconds, teamId],
  );
}

/** The worker that an id, or a unique prefix of one, stands for, among those seen within `seconds`. @throws UnknownId */
export async function findWorker(dataSource: DataSource, prefix: string, seconds: number): Promise<string> {
  const rows = await dataSource.query<{ id: string }[]>(
    `select id from workers where starts_with(id, $1) and last_seen > clock_timestamp() - make_interval(secs => $2)
     order by id limit 2`,
    [prefix, seconds],
  );
  const [first, second] = rows;
  const shown = JSON.stringify(prefix.slice(0, 40));
  if (!first) throw new UnknownId(`no worker ${shown} is part of the fleet`, false);
  if (second && first.id !== prefix)
    throw new UnknownId(`${shown} begins the id of more than one worker: write more of it`, true);
  return first.id;
}

/** Whether the fleet has, or has had of late, a worker with these labels. */
export async function hasWorkerWith(dataSource: DataSource, labels: Labels): Promise<boolean> {
  const [row] = await dataSource.query<[{ found: boolean }]>(
    'select exists (select from workers where labels @> $1) as found',
    [labels],
  );
  return row.found;
}

/** Asks a worker to leave, or, with null, to stay. It learns of it with its next sign of life. */
export async function drainWorker(dataSource: DataSource, id: string, drain: Drain | null): Promise<void> {
  await dataSource.query('update workers set drain = $2 where id = $1', [id, drain]);
}
