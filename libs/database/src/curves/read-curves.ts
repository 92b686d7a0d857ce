import type { DataSource, EntityManager } from 'typeorm';
import { seedsOf } from '../seeds-of';
import type { Curve, CurvePoints } from './curve';

/*
 * Everything that reads curves. A curve is stored in chunks of points, in metric_chunks; the verdicts of a stopping rule hold the
 * stretches of the curve that each was based on. Both are joined in order.
 */

type Asked = Pick<DataSource | EntityManager, 'query'>;

interface Points<Value> {
  updates: number[];
  values: Value[];
}

/** Joins chunks that come in order into one curve for each key. */
export function joinChunks<Chunk extends Points<unknown>>(
  chunks: readonly Chunk[],
  keyOf: (chunk: Chunk) => string,
): Map<string, Points<Chunk['values'][number]>> {
  const curves = new Map<string, Points<Chunk['values'][number]>>();
  for (const chunk of chunks) {
    const own = curves.get(keyOf(chunk)) ?? { updates: [], values: [] };
    curves.set(keyOf(chunk), own);
    for (const update of chunk.updates) own.updates.push(update);
    for (const value of chunk.values) own.values.push(value);
  }
  return curves;
}

/** All curves of trials, by trial. */
export async function readCurves(
  manager: Asked,
  trialIds: readonly string[],
): Promise<ReadonlyMap<string, CurvePoints[]>> {
  const chunks = await manager.query<(CurvePoints & { trial_id: string })[]>(
    `select trial_id, name, updates, values from metric_chunks where trial_id = any($1) order by trial_id, name, first_update`,
    [trialIds],
  );
  const curves = new Map<string, CurvePoints[]>();
  for (const [key, curve] of joinChunks(chunks, ({ trial_id: trialId, name }) => `${trialId} ${name}`)) {
    const [trialId, name] = key.split(' ') as [string, string];
    curves.set(trialId, [...(curves.get(trialId) ?? []), { name, ...curve }]);
  }
  return curves;
}

/** One curve as JSON has it: values that are not finite are texts. */
export type WholeCurve = Points<number | string>;

/** The curves of one metric of trials. Read as JSON, which is parsed ten times as fast as arrays. The primary key finds the rows. */
export async function wholeCurves(
  manager: Asked,
  trialIds: readonly string[],
  name: string,
): Promise<ReadonlyMap<string, WholeCurve>> {
  const chunks = await manager.query<{ trial_id: string; updates: string; values: string }[]>(
    `select trial_id, array_to_json(updates)::text as updates, array_to_json(values)::text as values
     from metric_chunks where trial_id = any($1) and name = $2 order by trial_id, first_update`,
    [trialIds, name],
  );
  const parsed = chunks.map(({ trial_id: trialId, updates, values }) => ({
    trialId,
    updates: JSON.parse(updates) as number[],
    values: JSON.parse(values) as WholeCurve['values'],
  }));
  return joinChunks(parsed, ({ trialId }) => trialId);
}

/** The names of all curves of trials. */
export async function curveNames(manager: Asked, trialIds: readonly string[]): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(
    `select distinct name from metric_chunks where trial_id = any($1) order by name`,
    [trialIds],
  );
  return rows.map(({ name }) => name);
}

/**
 * A metric of each seed of a configuration that has not failed, was not cancelled and does not wait for a paired test; empty for a seed
 * without points.
 */
export async function seedCurves(
  manager: Asked,
  { sweepId, configuration, metric }: { sweepId: string; configuration: number; metric: string },
): Promise<Curve[]> {
  const chunks = await manager.query<{ id: string; updates: number[] | null; values: number[] | null }[]>(
    `select trials.id, chunk.updates, chunk.values from trials
     left join metric_chunks chunk on chunk.trial_id = trials.id and name = $3
     where sweep_id = $1 and ${seedsOf('$2', '$1')} and state not in ('failed', 'cancelled') and not held
     order by number, first_update`,
    [sweepId, configuration, metric],
  );
  const present = chunks.map(({ id, updates, values }) => ({ id, updates: updates ?? [], values: values ?? [] }));
  return [...joinChunks(present, ({ id }) => id).values()];
}

/** The curve that a configuration's verdicts were based on: each verdict holds the points since the one before. */
export async function judgedCurve(
  manager: Asked,
  { sweepId, configuration }: { sweepId: string; configuration: number },
): Promise<Curve> {
  const rows = await manager.query<Curve[]>(
    `select updates, values from verdicts where sweep_id = $1 and configuration = $2 order by rung`,
    [sweepId, configuration],
  );
  return joinChunks(rows, () => '').get('') ?? { updates: [], values: [] };
}

/** Every metric of trials at an update, by trial. The primary key of metric_chunks finds the rows. */
export async function metricsAt(
  manager: Asked,
  trialIds: readonly string[],
  update: number,
): Promise<Map<string, Record<string, number>>> {
  const rows = await manager.query<{ trial_id: string; name: string; value: number }[]>(
    `select trial_id, name, values[array_position(updates, $2)] as value from metric_chunks
     where trial_id = any($1) and $2 = any(updates)`,
    [trialIds, update],
  );
  const metrics = new Map(trialIds.map((id): [string, Record<string, number>] => [id, {}]));
  for (const { trial_id: id, name, value } of rows) metrics.get(id)![name] = value;
  return metrics;
}
