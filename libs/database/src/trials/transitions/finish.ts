import { toMeasure } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { storable } from '../../storable';

/** How the trainer ended a trial. */
export interface TrialEnd {
  trialState: 'completed' | 'diverged' | 'failed';
  seconds: number;
  /** Of these, seconds of validation, samples and diagnostics; undefined if it did not train. */
  validationSeconds?: number | undefined;
  message: string | null;
  /** Name of the finished model in the artifact store. */
  model: string | null;
}

/** A trial's latest report. */
export interface Report {
  attemptId: string;
  trialId: string;
  value: number | null;
  /** Metrics of the report that gave the value. */
  metrics: Record<string, number>;
  updates: number;
  sample: string | null;
  /** The last checkpoint that was written completely: the next attempt would continue from it. */
  checkpoint?: { name: string; update: number } | undefined;
  /** Set if the attempt ended; its result and its trial's state are written together. */
  end?: TrialEnd | undefined;
}

const attemptStates = { completed: 'succeeded', diverged: 'succeeded', failed: 'failed' } as const;

/** Writes reports, and finishes the trials that ended. The caller has locked the attempts. */
export async function reportAndFinish(manager: EntityManager, work: readonly Report[]): Promise<void> {
  await updateTrials(manager, work);
  await endAttempts(manager, work);
}

async function updateTrials(manager: EntityManager, work: readonly Report[]): Promise<void> {
  const rows = work.map(({ trialId, value, metrics, updates, sample, checkpoint, end }) => ({
    id: trialId,
    // JSON has no infinity; PostgreSQL reads it from a text.
    value: value === null ? null : toMeasure(value),
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, number]) => Number.isFinite(number))),
    updates,
    sample: sample === null ? null : storable(sample),
    state: end?.trialState ?? null,
    seconds: end?.seconds ?? null,
    validation_seconds: end?.validationSeconds ?? null,
    message: end?.message == null ? null : storable(end.message),
    model: end?.model ?? null,
    checkpoint: checkpoint?.name ?? null,
    checkpoint_update: checkpoint?.update ?? null,
  }));
  if (rows.length === 0) return;
  await manager.query(
    `update trials set value = row.value, metrics = row.metrics, updates = row.updates,
            sample = coalesce(row.sample, trials.sample), state = coalesce(row.state, trials.state), seconds = row.seconds,
            validation_seconds = row.validation_seconds, message = row.message, model = coalesce(row.model, trials.model),
            checkpoint = case when row.state is null then coalesce(row.checkpoint, trials.checkpoint) end,
            checkpoint_update = case when row.state is null then coalesce(row.checkpoint_update, trials.checkpoint_update) else 0 end,
            finished_at = case when row.state is null then null else clock_timestamp() end
     from jsonb_to_recordset($1::jsonb) as row (id text, value double precision, metrics jsonb, updates integer,
          sample text, state text, seconds double precision, validation_seconds double precision, message text, model text,
          checkpoint text, checkpoint_update integer)
     where trials.id = row.id`,
    [JSON.stringify(rows)],
  );
}

async function endAttempts(manager: EntityManager, work: readonly Report[]): Promise<void> {
  const rows = work.flatMap(({ attemptId, end }) =>
    end
      ? [
          {
            id: attemptId,
            state: attemptStates[end.trialState],
            message: end.message === null ? null : storable(end.message),
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  await manager.query(
    `update attempts set state = row.state, message = row.message, finished_at = clock_timestamp()
     from jsonb_to_recordset($1::jsonb) as row (id text, state text, message text) where attempts.id = row.id`,
    [JSON.stringify(rows)],
  );
}
