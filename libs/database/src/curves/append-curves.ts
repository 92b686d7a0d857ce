import type { EntityManager } from 'typeorm';
import type { CurvePoints } from './curve';

/** JSON has no NaN; PostgreSQL reads its name. */
const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

/** Appends points to the curves of trials, as a chunk for each curve. */
export async function appendCurves(
  manager: EntityManager,
  work: readonly { trialId: string; curves: readonly CurvePoints[] }[],
): Promise<void> {
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
  // When the answer to a commit is lost, the worker sends it again, perhaps with more points at the end: the later one holds all of the
  // first.
  await manager.query(
    `insert into metric_chunks (trial_id, name, first_update, updates, values)
     select * from jsonb_to_recordset($1::jsonb)
       as row (trial_id text, name text, first_update integer, updates integer[], values double precision[])
     on conflict (trial_id, name, first_update) do update set updates = excluded.updates, values = excluded.values`,
    [JSON.stringify(rows)],
  );
}
