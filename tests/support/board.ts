import { claimTrials, commitWork } from '@unroll/database';
import type { DataSource } from 'typeorm';
import { claimant } from './sweeps';

interface Row {
  id: string;
  configuration: number;
  seed: number;
}

/** Trains all pending trials of a sweep at once: each reaches what `valueOf` says; null: none, as a trial that failed. */
export async function finish(
  dataSource: DataSource,
  sweepId: string,
  valueOf: (row: Row) => number | null,
  others: (row: Row) => { metrics?: Partial<Record<string, number>>; updates?: number; seconds?: number } = () => ({}),
): Promise<void> {
  const waits = `select from trials where sweep_id = $1 and state = 'pending' limit 1`;
  while ((await dataSource.query<unknown[]>(waits, [sweepId])).length > 0) {
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 64 }, { sweepId, signature: '' }))!;
    const rows = await dataSource.query<Row[]>(
      'select id, configuration, seed::integer as seed from trials where id = any($1)',
      [claim.trials.map(({ trialId }) => trialId)],
    );
    const work = claim.trials.map(({ attemptId, trialId }) => {
      const row = rows.find(({ id }) => id === trialId)!;
      const value = valueOf(row);
      const { metrics = {}, updates = 4, seconds = 1 } = others(row);
      const state = value === null ? ('failed' as const) : ('completed' as const);
      return {
        ...{
          attemptId,
          trialId,
          curves: [],
          value,
          metrics: metrics as Record<string, number>,
          updates,
          sample: null,
          diagnostics: [],
        },
        end: { trialState: state, seconds, message: null, model: null },
      };
    });
    await commitWork(dataSource, work);
  }
}
