import type { Baseline, Diagnostics, Snapshots } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { lockAttempts } from './lock-attempts';
import { storable } from './storable';

/** Points of one curve, in order of update. Values may be NaN or infinite. */
export interface CurvePoints {
  name: string;
  updates: number[];
  values: number[];
}

/** What a worker has to write for one attempt. */
export interface AttemptWork {
  attemptId: string;
  trialId: string;
  curves: CurvePoints[];
  value: number | null;
  /** Metrics of the report that gave the value. */
  metrics: Record<string, number>;
  updates: number;
  sample: string | null;
  /** What reports said of the network's inside, by update. */
  diagnostics: { update: number; figures: Diagnostics }[];
  /** The last checkpoint that was written whole: where the next attempt would go on. */
  checkpoint?: { name: string; update: number } | undefined;
  /** Updates that a pass over its data takes, where a report has said so. */
  updatesPerEpoch?: number | undefined;
  /** Set where the attempt ends at a rung of a population, with the state that was written there. */
  rung?: { checkpoint: string; update: number } | undefined;
  /** Set where the attempt ended; its result and its trial's state land together. */
  end?: {
    trialState: 'completed' | 'pruned' | 'diverged' | 'failed';
    seconds: number;
    message: string | null;
    /** Name of the finished model in the artifact store. */
    model: string | null;
    /** What was seen of the network at the end. */
    snapshots?: Snapshots | undefined;
  };
}

export interface BoardBaseline extends Baseline {
  comparisonKey: string;
}

const attemptStateOf = {
  completed: 'succeeded',
  pruned: 'succeeded',
  diverged: 'succeeded',
  failed: 'failed',
} as const;

/** Asked in the transaction of a batch, when all of it is written. */
export type Judge = (manager: EntityManager, accepted: readonly AttemptWork[]) => Promise<void>;

/**
 * Writes a batch of work in one transaction, behind the fence, and asks `judge` in it. Returns the attempts that were refused
 * because they no longer run: nothing of theirs was written.
 */
export async function commitWork(
  dataSource: DataSource,
  work: readonly AttemptWork[],
  baselines: readonly BoardBaseline[] = [],
  judge: Judge = () => Promise.resolve(),
): Promise<string[]> {
  return dataSource.transaction(async (manager) => {
    const live = await lockAttempts(
      manager,
      work.map(({ attemptId }) => attemptId),
    );
    const accepted = work.filter(({ attemptId }) => live.has(attemptId));
    await insertCurves(manager, accepted);
    await insertDiagnostics(manager, accepted);
    await insertSnapshots(manager, accepted);
    await insertSamples(manager, accepted);
    await updateTrials(manager, accepted);
    await endAttempts(manager, accepted);
    if (live.size > 0) await insertBaselines(manager, baselines);
    await judge(manager, accepted);
    return work.map(({ attemptId }) => attemptId).filter((id) => !live.has(id));
  });
}

/** JSON has no NaN; PostgreSQL reads its name. */
const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

async function insertCurves(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.flatMap(({ trialId, curves }) =>
    curves.map(({ name, updates, values }) => ({
      trial_id: trialId,
      name,
      first_update: updates[0],
      updates,
      values: values.map(jsonNumber),
    })),
  );
  if (rows.length === 0) return;
  // A commit whose answer was lost comes again, perhaps with more points behind: the later one holds all of the first.
  await manager.query(
    `insert into metric_chunks (trial_id, name, first_update, updates, values)
     select * from jsonb_to_recordset($1::jsonb)
       as row (trial_id text, name text, first_update integer, updates integer[], values double precision[])
     on conflict (trial_id, name, first_update) do update set updates = excluded.updates, values = excluded.values`,
    [JSON.stringify(rows)],
  );
}

async function insertDiagnostics(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.flatMap(({ trialId, diagnostics }) =>
    diagnostics.map(({ update, figures }) => ({ trial_id: trialId, update, figures })),
  );
  if (rows.length === 0) return;
  await manager.query(
    `insert into diagnostics (trial_id, update, figures)
     select * from json_to_recordset($1::json) as row (trial_id text, update integer, figures json)
     on conflict (trial_id, update) do update set figures = excluded.figures`,
    [JSON.stringify(rows)],
  );
}

async function insertSnapshots(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.flatMap(({ trialId, end }) =>
    end?.snapshots ? [{ trial_id: trialId, content: end.snapshots }] : [],
  );
  if (rows.length === 0) return;
  // A symbol of a text may be the one character that PostgreSQL cannot hold.
  await manager.query(
    `insert into snapshots (trial_id, content)
     select * from json_to_recordset($1::json) as row (trial_id text, content json)
     on conflict (trial_id) do update set content = excluded.content`,
    [JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value))],
  );
}

/** Samples that are kept of each doubling of the updates: much where a network learns fast, and few in all. */
const samplesOfDoubling = 4;

async function insertSamples(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.flatMap(({ trialId, updates, sample }) => {
    if (sample === null || updates < 1) return [];
    const place = Math.floor(samplesOfDoubling * Math.log2(updates));
    return [{ trial_id: trialId, place, update: updates, content: storable(sample) }];
  });
  if (rows.length === 0) return;
  await manager.query(
    `insert into samples (trial_id, place, update, content)
     select * from json_to_recordset($1::json) as row (trial_id text, place integer, update integer, content text)
     on conflict (trial_id, place) do update set update = excluded.update, content = excluded.content`,
    [JSON.stringify(rows)],
  );
}

async function updateTrials(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.map(({ trialId, value, metrics, updates, sample, checkpoint, end }) => ({
    id: trialId,
    value,
    metrics: Object.fromEntries(Object.entries(metrics).filter(([, number]) => Number.isFinite(number))),
    updates,
    sample: sample === null ? null : storable(sample),
    state: end?.trialState ?? null,
    seconds: end?.seconds ?? null,
    message: end?.message == null ? null : storable(end.message),
    model: end?.model ?? null,
    checkpoint: checkpoint?.name ?? null,
    checkpoint_update: checkpoint?.update ?? null,
  }));
  if (rows.length === 0) return;
  await manager.query(
    `update trials set value = row.value, metrics = row.metrics, updates = row.updates,
            sample = coalesce(row.sample, trials.sample), state = coalesce(row.state, trials.state), seconds = row.seconds,
            message = row.message, model = coalesce(row.model, trials.model),
            checkpoint = case when row.state is null then coalesce(row.checkpoint, trials.checkpoint) end,
            checkpoint_update = case when row.state is null then coalesce(row.checkpoint_update, trials.checkpoint_update) else 0 end,
            finished_at = case when row.state is null then null else clock_timestamp() end
     from jsonb_to_recordset($1::jsonb) as row (id text, value double precision, metrics jsonb, updates integer,
          sample text, state text, seconds double precision, message text, model text, checkpoint text, checkpoint_update integer)
     where trials.id = row.id`,
    [JSON.stringify(rows)],
  );
}

async function endAttempts(manager: EntityManager, work: readonly AttemptWork[]): Promise<void> {
  const rows = work.flatMap(({ attemptId, end }) =>
    end
      ? [
          {
            id: attemptId,
            state: attemptStateOf[end.trialState],
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

async function insertBaselines(manager: EntityManager, baselines: readonly BoardBaseline[]): Promise<void> {
  for (const { comparisonKey, name, metrics } of baselines)
    await manager.query(
      `insert into baselines (comparison_key, name, metrics) values ($1, $2, $3) on conflict do nothing`,
      [comparisonKey, name, metrics],
    );
}
