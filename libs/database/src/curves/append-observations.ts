import type { Diagnostics, Snapshots } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import { storable } from '../storable';

/** What a trial's reports observed besides its metrics. */
export interface Observations {
  trialId: string;
  updates: number;
  sample: string | null;
  /** Diagnostics of the network, by update. */
  diagnostics: readonly { update: number; figures: Diagnostics }[];
  end?: { snapshots?: Snapshots | undefined } | undefined;
}

/** Stores diagnostics, samples and snapshots of trials. */
export async function appendObservations(manager: EntityManager, work: readonly Observations[]): Promise<void> {
  await insertDiagnostics(manager, work);
  await insertSnapshots(manager, work);
  await insertSamples(manager, work);
}

async function insertDiagnostics(manager: EntityManager, work: readonly Observations[]): Promise<void> {
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

async function insertSnapshots(manager: EntityManager, work: readonly Observations[]): Promise<void> {
  const rows = work.flatMap(({ trialId, end }) =>
    end?.snapshots ? [{ trial_id: trialId, content: end.snapshots }] : [],
  );
  if (rows.length === 0) return;
  await manager.query(
    `insert into snapshots (trial_id, content)
     select * from json_to_recordset($1::json) as row (trial_id text, content json)
     on conflict (trial_id) do update set content = excluded.content`,
    [JSON.stringify(rows, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value))],
  );
}

/** Samples kept for each doubling of the updates: many while a network learns fast, few overall. */
const samplesPerDoubling = 4;

async function insertSamples(manager: EntityManager, work: readonly Observations[]): Promise<void> {
  const rows = work.flatMap(({ trialId, updates, sample }) => {
    if (sample === null || updates < 1) return [];
    const place = Math.floor(samplesPerDoubling * Math.log2(updates));
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
