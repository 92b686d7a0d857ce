import type { SweepView } from '@unroll/contracts';
import { bestTrial, countTrials, noTrials, sweepEdits, type LoggedEdit, type Sweep } from '@unroll/database';
import type { DataSource } from 'typeorm';
import { sweepView } from './views';

const editsOf = (dataSource: DataSource, { id, edits }: Sweep): Promise<LoggedEdit[]> =>
  edits === 0 ? Promise.resolve([]) : sweepEdits(dataSource, id);

/** Sweeps as the API shows them, with the counts of their trials and the best of each. */
export async function sweepViews(dataSource: DataSource, sweeps: readonly Sweep[]): Promise<SweepView[]> {
  const counts = await countTrials(
    dataSource,
    sweeps.map(({ id }) => id),
  );
  return Promise.all(
    sweeps.map(async (sweep) => {
      const best = await bestTrial(dataSource, sweep.id, sweep.objective);
      return sweepView(sweep, counts.get(sweep.id)!, best, await editsOf(dataSource, sweep));
    }),
  );
}

/** A sweep that was just inserted, with `pending` trials. */
export const sweepAsBegun = (sweep: Sweep, pending: number): SweepView =>
  sweepView(sweep, { ...noTrials, pending }, null, []);
