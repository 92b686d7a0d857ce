import { claimTrials, commitWork } from '@unroll/database';
import type { DataSource } from 'typeorm';
import { attemptWork, claimant, completed } from './attempts';

interface Row {
  id: string;
  configuration: number;
  seed: number;
}

/** Ends all pending trials of a sweep: each reaches the value that `valueOf` gives; null: none, as a trial that failed. */
export async function finish(
  dataSource: DataSource,
  sweepId: string,
  valueOf: (row: Row) => number | null,
  others: (row: Row) => { metrics?: Partial<Record<string, number>>; updates?: number; seconds?: number } = () => ({}),
): Promise<void> {
  const pending = `select from trials where sweep_id = $1 and state = 'pending' limit 1`;
  while ((await dataSource.query<unknown[]>(pending, [sweepId])).length > 0) {
    const claim = (await claimTrials(dataSource, { ...claimant, lanes: 64 }, { sweepId, signature: '' }))!;
    const rows = await dataSource.query<Row[]>(
      'select id, configuration, seed::integer as seed from trials where id = any($1)',
      [claim.trials.map(({ trialId }) => trialId)],
    );
    const work = claim.trials.map((trial) => {
      const row = rows.find(({ id }) => id === trial.trialId)!;
      const value = valueOf(row);
      const { metrics = {}, updates = 4, seconds = 1 } = others(row);
      const trialState = value === null ? ('failed' as const) : ('completed' as const);
      const end = { ...completed, trialState, seconds };
      return attemptWork(trial, { value, metrics: metrics as Record<string, number>, updates, end });
    });
    await commitWork(dataSource, work);
  }
}
