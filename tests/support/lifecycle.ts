import type { AttemptState, TrialState } from '@unroll/contracts';
import {
  claimTrials,
  commitWork,
  freezeTrials,
  giveUpAttempts,
  joinGroup,
  lockAttempts,
  pruneTrials,
  reapLostAttempts,
  releaseAtRung,
  thawConfigurations,
  type AttemptWork,
  type Claim,
  type LostAttempts,
} from '@unroll/database';
import type { DataSource } from 'typeorm';
import { claimant } from './attempts';

/** An attempt that was made, whatever has become of it. */
export interface MadeAttempt {
  attemptId: string;
  trialId: string;
}

export interface StoredTrial {
  id: string;
  state: TrialState;
  attempts: { id: string; state: AttemptState }[];
}

const metric = 'validation.bitsPerToken';

/** A report of an attempt at an update, with an end where one is given. */
export function workOf(
  { attemptId, trialId }: MadeAttempt,
  update: number,
  trialState?: 'completed' | 'diverged' | 'failed',
): AttemptWork {
  return {
    ...{ attemptId, trialId, value: update, metrics: { [metric]: update }, updates: update, sample: null },
    ...{ curves: [{ name: metric, updates: [update], values: [update] }], diagnostics: [] },
    ...(trialState ? { end: { trialState, seconds: 1, message: null, model: null } } : {}),
  };
}

/** What workers, the scheduler and the stopping rule do to single attempts, as they do it. */
export class Actors {
  constructor(private readonly dataSource: DataSource) {}

  claim(sweepId: string, lanes: number): Promise<Claim | undefined> {
    return claimTrials(this.dataSource, { ...claimant, lanes }, { sweepId, signature: '' });
  }

  async join(sweepId: string, signature: string, groupId: string): Promise<MadeAttempt[]> {
    return joinGroup(this.dataSource, claimant, { sweepId, signature, groupId }, 1);
  }

  report(attempt: MadeAttempt, update: number): Promise<LostAttempts> {
    return commitWork(this.dataSource, [workOf(attempt, update)]);
  }

  finish(attempt: MadeAttempt, update: number, state: 'completed' | 'diverged' | 'failed'): Promise<LostAttempts> {
    return commitWork(this.dataSource, [workOf(attempt, update, state)]);
  }

  giveUp({ attemptId }: MadeAttempt, state: 'failed' | 'released'): Promise<string[]> {
    return this.dataSource.transaction((manager) => giveUpAttempts(manager, [attemptId], { state, message: 'why' }));
  }

  /** Lets a lease run out, and reaps it. */
  async reap({ attemptId }: MadeAttempt): Promise<number> {
    await this.dataSource.query(
      `update attempts set lease_until = clock_timestamp() - interval '1 s' where id = $1 and state = 'running'`,
      [attemptId],
    );
    return reapLostAttempts(this.dataSource.manager, 0);
  }

  prune({ attemptId }: MadeAttempt): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const live = [...(await lockAttempts(manager, [attemptId]))];
      if (live.length > 0) await pruneTrials(manager, live, 'a rule');
    });
  }

  /** The trial reached a rung of its population, and continues from its own state. */
  turn({ attemptId, trialId }: MadeAttempt, update: number): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      if ((await lockAttempts(manager, [attemptId])).size === 0) return;
      await releaseAtRung(manager, [{ attemptId, trialId, checkpoint: 'a rung', update, message: 'continues' }]);
    });
  }

  /** The trial reached a rung, and stops there with a checkpoint. */
  freeze({ attemptId, trialId }: MadeAttempt, update: number): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      if ((await lockAttempts(manager, [attemptId])).size === 0) return;
      await freezeTrials(manager, [{ attemptId, trialId, checkpoint: 'a rung', update, message: 'stops' }]);
    });
  }

  thaw(sweepId: string): Promise<void> {
    return this.dataSource.transaction((manager) =>
      thawConfigurations(manager, sweepId, [{ configuration: 0, why: 'resumes' }]),
    );
  }

  /** The trials of a sweep, in order, with their attempts from the first to the last. */
  trials(sweepId: string): Promise<StoredTrial[]> {
    return this.dataSource.query(
      `select id, state, coalesce((select json_agg(json_build_object('id', attempts.id, 'state', attempts.state) order by started_at)
                from attempts where trial_id = trials.id), '[]') as attempts
       from trials where sweep_id = $1 order by number`,
      [sweepId],
    );
  }

  /** All that is stored of a trial and its attempts. */
  async row(trialId: string): Promise<unknown> {
    return this.dataSource.query(
      `select row_to_json(trials) as trial, (select json_agg(attempts order by started_at) from attempts where trial_id = $1) as attempts
       from trials where id = $1`,
      [trialId],
    );
  }
}
