import type { DataSource, EntityManager } from 'typeorm';
import type { Sweep } from '../entities/sweep';
import { pendingTrials, trialRows, type NewTrial } from '../trials/transitions/propose';

/** A running sweep that has no row yet. */
export type NewSweep = Pick<
  Sweep,
  | 'id'
  | 'teamId'
  | 'owner'
  | 'priority'
  | 'name'
  | 'note'
  | 'spec'
  | 'objective'
  | 'earlier'
  | 'datasets'
  | 'message'
  | 'configurations'
  | 'total'
  | 'asked'
  | 'requires'
  | 'concurrentTrials'
  | 'failedTrials'
  | 'wallSeconds'
  | 'gpuHours'
>;

/**
 * Inserts a running sweep with its first trials in one statement, if the registered data sets that it names are there: they are kept until
 * the transaction ends. Returns those that are not, and has inserted nothing if there are any.
 */
export async function insertSweep(
  manager: Pick<DataSource | EntityManager, 'query'>,
  sweep: NewSweep,
  registered: readonly string[],
  trials: readonly NewTrial[],
): Promise<string[]> {
  const [{ gone }] = await manager.query<[{ gone: string[] }]>(
    `with held as (
       select name from datasets where team_id = $1 and name = any($2) order by name for key share
     ), gone as (
       select array(select name from unnest($2::text[]) with ordinality as named (name, place)
         where name not in (select name from held) order by place) as names
     ), inserted as (
       insert into sweeps (id, team_id, owner, priority, name, note, state, spec, objective, earlier, datasets, message, configurations, total,
         proposed, asked, requires, concurrent_trials, failed_trials, wall_seconds, gpu_hours)
       select id, "teamId", owner, priority, name, note, 'running', spec, objective, earlier, datasets, message, configurations, total,
         $4, asked, requires, "concurrentTrials", "failedTrials", "wallSeconds", "gpuHours"
       from gone, json_to_record($3) as row (id text, "teamId" text, owner text, priority text, name text, note text, spec json, objective jsonb,
         earlier json, datasets jsonb, message text, configurations integer, total integer, asked integer, requires jsonb,
         "concurrentTrials" integer, "failedTrials" integer, "wallSeconds" double precision, "gpuHours" double precision)
       where gone.names = '{}' returning id
     ), begun as (
       ${pendingTrials('$5', 'inserted')}
     )
     select names as gone from gone`,
    [sweep.teamId, registered, JSON.stringify(sweep), trials.length, trialRows(trials)],
  );
  return gone;
}
