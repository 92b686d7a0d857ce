import type { SweepState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { newId } from '../../ids';
import { noAccount, type BegunTrial } from './begin-attempts';
import { claimable } from './claim';

/** Who asks for a trial of a study. */
export interface Asker {
  member: string;
  host: string;
  leaseSeconds: number;
}

export interface AskedTrial {
  trialId: string;
  attemptId: string;
  number: number;
  seed: number;
  parameters: Record<string, unknown>;
  steps: number;
}

export interface Answer {
  state: SweepState;
  /** Whether all of its trials were asked for. */
  isOver: boolean;
  trial?: AskedTrial | undefined;
}

interface LockedStudy {
  state: SweepState;
  concurrent_trials: number | null;
  is_proposed: boolean;
}

/** What a study's trial has instead of a network. */
interface StudyTrialSpec {
  parameters: Record<string, unknown>;
  training: { updates: number };
}

/** A row of what is asked for. */
interface Taken {
  id: string;
  number: number;
  seed: string;
  /** Whether no attempt at it was made before. */
  fresh: boolean;
}

/**
 * Takes the next pending trial of a study, with a lease. Where there is none, it notes how many trials are to be in flight, for the
 * scheduler: a search that learns then proposes one, knowing all that was told. Undefined for a sweep that is no study.
 */
export async function askTrial(dataSource: DataSource, sweepId: string, asker: Asker): Promise<Answer | undefined> {
  return dataSource.transaction(async (manager) => {
    const [study] = await manager.query<LockedStudy[]>(
      `select state, concurrent_trials, proposed = total as is_proposed from sweeps where id = $1 and asked is not null for no key update`,
      [sweepId],
    );
    if (!study) return undefined;
    const { state, concurrent_trials: most, is_proposed: isProposed } = study;
    if (state !== 'running') return { state, isOver: state !== 'paused' };
    const [{ running }] = await manager.query<[{ running: number }]>(
      `select count(*)::integer as running from trials where sweep_id = $1 and state = 'running'`,
      [sweepId],
    );
    const [rows] =
      most !== null && running >= most
        ? [[]]
        : await manager.query<[Taken[], number]>(
            `with next as (
               select id, started_at is null as fresh from trials where sweep_id = $1 and ${claimable} order by number limit 1 for update
             )
             update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = 'external', lanes = 1,
                    value = null, metrics = '{}', updates = 0, message = null
             from next where trials.id = next.id
             returning trials.id, number, seed, fresh`,
            [sweepId],
          );
    const [row] = rows;
    if (!row) {
      await manager.query('update sweeps set asked = $2 where id = $1 and asked is distinct from $2', [
        sweepId,
        running + 1,
      ]);
      return { state, isOver: isProposed && (most === null || running < most) };
    }
    const { member: workerId, host, leaseSeconds } = asker;
    const claimed = { workerId, host, engine: 'external', leaseSeconds };
    const { teamId, owner, priority } = noAccount;
    const [{ begun }] = await manager.query<[{ begun: [BegunTrial] }]>(
      'select begin_attempts($1, $2, 1, $3, $4, $5, $6, $7) as begun',
      [JSON.stringify(claimed), newId(), teamId, owner, priority, [row.id], row.fresh ? [] : [row.id]],
    );
    const [{ trialId, attemptId, spec }] = begun;
    const { parameters, training } = spec as object as StudyTrialSpec;
    return {
      state,
      isOver: false,
      trial: { trialId, attemptId, number: row.number, seed: Number(row.seed), parameters, steps: training.updates },
    };
  });
}
