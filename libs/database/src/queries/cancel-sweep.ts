import type { SweepState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/**
 * Ends a sweep, its trials and their attempts in one transaction; later results are refused by the fence. Returns the
 * state that the sweep had before, or undefined where there is none.
 */
export async function cancelSweep(dataSource: DataSource, sweepId: string): Promise<SweepState | undefined> {
  return dataSource.transaction(async (manager) => {
    const [sweep] = await manager.query<{ state: SweepState }[]>(`select state from sweeps where id = $1 for update`, [
      sweepId,
    ]);
    if (sweep?.state !== 'running') return sweep?.state;
    await manager.query(`update sweeps set state = 'cancelled', finished_at = clock_timestamp() where id = $1`, [
      sweepId,
    ]);
    await manager.query(
      `with live as (
         select attempts.id from attempts join trials on trials.id = trial_id
         where sweep_id = $1 and trials.state = 'running' and attempts.state = 'running' order by attempts.id for update of attempts
       )
       update attempts set state = 'cancelled', finished_at = clock_timestamp() from live where attempts.id = live.id`,
      [sweepId],
    );
    await manager.query(
      `update trials set state = 'cancelled', finished_at = clock_timestamp() where sweep_id = $1 and state in ('pending', 'running')`,
      [sweepId],
    );
    return sweep.state;
  });
}
