import type { EntityManager } from 'typeorm';
import { copyReports } from '../../curves/copy-reports';
import { movedBy } from '../lifecycle';

/** A pending trial, and the completed trial of another sweep that was the same training. */
export interface ReusedTrial {
  number: number;
  source: string;
}

/**
 * Completes pending trials of a sweep with the results of earlier trials, and copies their curves, diagnostics and samples. The model is
 * shared: it is removed with the last trial that names it. All get the time of the transaction as their end, so that none counts as later
 * than another.
 *
 * Sources are locked until the transaction ends, so that none is deleted before its results are here.
 * @returns the sources that no longer exist; then nothing is written
 */
export async function reuseTrials(
  manager: EntityManager,
  sweepId: string,
  reused: readonly ReusedTrial[],
): Promise<string[]> {
  const sources = reused.map(({ source }) => source);
  const found = await manager.query<{ id: string }[]>(
    `select id from trials where id = any($1) and state = 'completed' order by id for key share`,
    [sources],
  );
  const known = new Set(found.map(({ id }) => id));
  const missing = sources.filter((id) => !known.has(id));
  if (missing.length > 0) return missing;
  const numbers = reused.map(({ number }) => number);
  // A reused trial names the one that was trained.
  const [rows] = await manager.query<[{ id: string; source: string }[], number]>(
    `update trials set state = 'completed', reused_from = coalesce(source.reused_from, source.id), value = source.value,
            metrics = source.metrics, updates = source.updates, seconds = source.seconds,
            validation_seconds = source.validation_seconds, engine = source.engine, lanes = source.lanes, model = source.model,
            sample = source.sample, message = source.message, finished_at = now()
     from unnest($2::integer[], $3::text[]) as wanted (number, source_id) join trials source on source.id = source_id
     where trials.sweep_id = $1 and trials.number = wanted.number and trials.${movedBy('reuse')}
     returning trials.id, source_id as source`,
    [sweepId, numbers, sources],
  );
  await copyReports(manager, rows);
  return [];
}
