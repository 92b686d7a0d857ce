import type { DataSource } from 'typeorm';
import { boardColumns, boardJoins, type BoardRow } from './leaderboard';

/** A configuration of a sweep. */
export interface Pinned {
  sweepId: string;
  configuration: number;
}

/** Makes a configuration the baseline of its board, instead of any other. Returns whether it is on one: whether it has a value. */
export async function pin(dataSource: DataSource, { sweepId, configuration }: Pinned): Promise<boolean> {
  const rows = await dataSource.query<unknown[]>(
    `insert into pins (comparison_key, objective, sweep_id, configuration)
     select comparison_key, objective, sweep_id, configuration from configurations
     where sweep_id = $1 and configuration = $2 and score is not null
     on conflict (comparison_key, objective) do update set sweep_id = excluded.sweep_id, configuration = excluded.configuration
     returning comparison_key`,
    [sweepId, configuration],
  );
  return rows.length > 0;
}

export async function unpin(dataSource: DataSource, { sweepId, configuration }: Pinned): Promise<void> {
  await dataSource.query('delete from pins where sweep_id = $1 and configuration = $2', [sweepId, configuration]);
}

/** Which configurations of a sweep are pinned. By pins_of_sweep. */
export async function pinnedOf(dataSource: DataSource, sweepId: string): Promise<Set<number>> {
  const rows = await dataSource.query<{ configuration: number }[]>(
    'select configuration from pins where sweep_id = $1',
    [sweepId],
  );
  return new Set(rows.map(({ configuration }) => configuration));
}

/** The baseline of a board; undefined if none is pinned. By the primary keys. */
export async function pinnedRow(
  dataSource: DataSource,
  comparisonKey: string,
  { metric, goal }: { metric: string; goal: string },
): Promise<BoardRow | undefined> {
  const [row] = await dataSource.query<BoardRow[]>(
    `with page as (
       select configurations.* from pins join configurations using (sweep_id, configuration)
       where pins.comparison_key = $1 and pins.objective = $2 and score is not null
     ) select ${boardColumns} from page ${boardJoins}`,
    [comparisonKey, `${goal} ${metric}`],
  );
  return row;
}
