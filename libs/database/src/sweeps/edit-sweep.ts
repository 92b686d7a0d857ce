import type { SweepSpec } from '@unroll/contracts';
import type { EntityManager } from 'typeorm';
import type { SweepEdit } from '../entities/sweep-edit';
import { withdrawTrials } from '../trials/transitions/cancel';

/** What becomes of a sweep with an edit. */
export interface EditedSweep {
  spec: SweepSpec;
  configurations: number;
  total: number;
  message: string | null;
  /** Numbers of the pending trials that no longer fit. */
  withdrawn: readonly number[];
}

/**
 * Gives a sweep, whose row the caller has locked, another specification, logs the edit, and cancels the pending trials that no longer fit.
 * The name that the sweep is shown with stays. Proposals that were made before are no longer accepted.
 */
export async function editSweep(
  manager: EntityManager,
  edit: Omit<SweepEdit, 'createdAt' | 'sweep' | 'withdrawn'>,
  { spec, configurations, total, message, withdrawn }: EditedSweep,
): Promise<void> {
  const { sweepId, number, first, replaced, inherited, changed } = edit;
  await manager.query(
    `insert into sweep_edits (sweep_id, number, first, replaced, inherited, changed, withdrawn)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [sweepId, number, first, JSON.stringify(replaced), JSON.stringify(inherited), changed, withdrawn.length],
  );
  await manager.query(
    `update sweeps set spec = $2, configurations = $3, total = $4, message = $5, edits = $6 where id = $1`,
    [sweepId, JSON.stringify(spec), configurations, total, message, number],
  );
  await withdrawTrials(
    manager,
    sweepId,
    withdrawn,
    'the sweep was edited: this configuration is outside of its new space',
  );
}
