import type { Objective } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/** A version with what its trial and sweep say of it. */
export interface RegisteredVersion {
  name: string;
  version: number;
  aliases: string[];
  trialId: string;
  sweepId: string;
  task: string;
  dataset: string;
  objective: Objective;
  /** The trial's value; null for none. */
  value: number | null;
  note: string;
  author: string;
  createdAt: Date;
}

/**
 * All versions of a team's models of these names, newest first. By the primary keys of versions, aliases, trials and sweeps.
 */
export const registeredVersions = (
  dataSource: Pick<DataSource, 'query'>,
  teamId: string,
  names: readonly string[],
): Promise<RegisteredVersion[]> =>
  dataSource.query<RegisteredVersion[]>(
    `select own.name, own.version, own.trial_id as "trialId", trials.sweep_id as "sweepId", own.note, own.author,
       own.created_at as "createdAt", trials.value,
       coalesce(trials.spec #>> '{task,kind}', trials.spec ->> 'task') as task,
       coalesce(trials.spec #>> '{dataset,name}', trials.spec ->> 'dataset') as dataset, sweeps.objective,
       array(select alias from model_aliases alias
             where (alias.team_id, alias.name, alias.version) = (own.team_id, own.name, own.version) order by alias) as aliases
     from model_versions own join trials on trials.id = own.trial_id join sweeps on sweeps.id = trials.sweep_id
     where own.team_id = $1 and own.name = any($2) order by own.name, own.version desc`,
    [teamId, names],
  );
