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

/** Inserts trials of a sweep as pending. Those that were inserted with the sweep, because some of them are reused, are left alone. */
export async function proposeTrials(
  manager: EntityManager,
  sweepId: string,
  trials: readonly NewTrial[],
): Promise<void> {
  const rows = trials.map(({ comparisonKey, datasetFingerprint, ...trial }) => ({
    ...trial,
    id: newId(),
    comparison_key: comparisonKey,
    dataset_fingerprint: datasetFingerprint,
  }));
  await manager.query(
    `insert into trials (id, sweep_id, number, configuration, seed, held, state, parameters, spec, signature, comparison_key, dataset_fingerprint)
     select id, $2, number, configuration, seed, held, 'pending', parameters, spec, signature, comparison_key, dataset_fingerprint
     from json_to_recordset($1::json) as row (id text, number integer, configuration integer, seed bigint, held boolean,
          parameters jsonb, spec json, signature text, comparison_key text, dataset_fingerprint text)
     on conflict (sweep_id, number) do nothing`,
    [JSON.stringify(rows), sweepId],
  );
}
