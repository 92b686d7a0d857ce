import type { TrialSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { newId } from '../../ids';

/** A trial that has no row yet. */
export interface NewTrial {
  number: number;
  configuration: number;
  seed: number;
  /** Whether it waits for a paired test of the seeds before it. */
  held: boolean;
  parameters: Record<string, unknown>;
  spec: TrialSpec;
  signature: string;
  comparisonKey: string;
  datasetFingerprint: string;
}

/** New trials as the statement below reads them, each with an id. */
export const trialRows = (trials: readonly NewTrial[]): string =>
  JSON.stringify(
    trials.map(({ comparisonKey, datasetFingerprint, ...trial }) => ({
      ...trial,
      id: newId(),
      comparison_key: comparisonKey,
      dataset_fingerprint: datasetFingerprint,
    })),
  );

/**
 * SQL: inserts the trials of a document of rows as pending, of the sweep that `sweeps` has, if any. Those that were inserted with it,
 * because some of them are reused, are left alone.
 */
export const pendingTrials = (rows: string, sweeps: string): string =>
  `insert into trials (id, sweep_id, number, configuration, seed, held, state, parameters, spec, signature, comparison_key, dataset_fingerprint)
       select row.id, ${sweeps}.id, number, configuration, seed, held, 'pending', parameters, row.spec, signature, comparison_key, dataset_fingerprint
       from ${sweeps}, json_to_recordset(${rows}::json) as row (id text, number integer, configuration integer, seed bigint, held boolean,
            parameters jsonb, spec json, signature text, comparison_key text, dataset_fingerprint text)
       on conflict (sweep_id, number) do nothing`;

/** Inserts trials of a sweep as pending. */
export async function proposeTrials(
  manager: EntityManager,
  sweepId: string,
  trials: readonly NewTrial[],
): Promise<void> {
  await manager.query(`with sweep as (select $2::text as id) ${pendingTrials('$1', 'sweep')}`, [
    trialRows(trials),
    sweepId,
  ]);
}
