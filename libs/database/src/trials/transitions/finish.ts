import { toMeasure } from '@unroll/contracts';
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
  /** Seconds of validation, samples and diagnostics so far in this attempt: those of a trial that a stopping rule ends. */
  validationSeconds?: number | undefined;
  /** The last checkpoint that was written completely: the next attempt would continue from it. */
  checkpoint?: { name: string; update: number } | undefined;
  /** Set if the attempt ended; its result and its trial's state are written together. */
  end?: TrialEnd | undefined;
}

const attemptStates = { completed: 'succeeded', diverged: 'succeeded', failed: 'failed' } as const;

/** A report as `commit_work` takes it. */
export const reportRow = (report: Report): Record<string, unknown> => {
  const { attemptId, trialId, value, metrics, updates, sample, validationSeconds, checkpoint, end } = report;
  return {
    attempt: attemptId,
    trial: trialId,
    // JSON has no infinity; PostgreSQL reads it from a text.
    value: value === null ? null : toMeasure(value),
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, number]) => Number.isFinite(number))),
    updates,
    sample: sample === null ? null : storable(sample),
    checkpoint: checkpoint?.name ?? null,
    checkpoint_update: checkpoint?.update ?? null,
    state: end?.trialState ?? null,
    attempt_state: end ? attemptStates[end.trialState] : null,
    seconds: end?.seconds ?? null,
    validation_seconds: (end ? end.validationSeconds : validationSeconds) ?? null,
    message: end?.message == null ? null : storable(end.message),
    model: end?.model ?? null,
  };
};

/** The columns of those rows. */
const columns = `attempt text, trial text, value double precision, metrics jsonb, updates integer, sample text, checkpoint text,
  checkpoint_update integer, state text, attempt_state text, seconds double precision, validation_seconds double precision, message text,
  model text`;

/**
 * Writes reports of attempts in `live`, which are locked, and finishes those that ended: the document is read once. `reported_in` tells
 * the leader of the others.
 */
export const writeReports = `
    with row as materialized (
      select * from json_to_recordset(reports) as row (${columns}) where attempt = any(live)
    ), ended as (
      update attempts set state = row.attempt_state, message = row.message, finished_at = clock_timestamp()
      from row where attempts.id = row.attempt and row.attempt_state is not null
    )
    update trials set value = row.value, metrics = row.metrics, updates = row.updates,
           sample = coalesce(row.sample, trials.sample), state = coalesce(row.state, trials.state), seconds = row.seconds,
           validation_seconds = row.validation_seconds, message = row.message, model = coalesce(row.model, trials.model),
           checkpoint = case when row.state is null then coalesce(row.checkpoint, trials.checkpoint) end,
           checkpoint_update = case when row.state is null then coalesce(row.checkpoint_update, trials.checkpoint_update) else 0 end,
           finished_at = case when row.state is null then null else clock_timestamp() end,
           reported_in = pg_current_xact_id()::text::bigint
    from row where trials.id = row.trial;`;
