import type { DataSource } from 'typeorm';

/** Counts the configurations of a sweep that finished with a finite value, by configurations_by_state. */
export async function countFinished(dataSource: DataSource, sweepId: string): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `select count(*)::integer as count from configurations
     where sweep_id = $1 and score < 'Infinity' and state in ('completed', 'pruned')`,
    [sweepId],
  );
  return row!.count;
}

/** Parameters and scores (lower is better) of finished configurations: if there are more than `most`, an even selection over the sweep. */
export function finishedOutcomes(
  dataSource: DataSource,
  sweepId: string,
  count: number,
  most: number,
): Promise<{ parameters: Record<string, unknown>; value: number }[]> {
  return dataSource.query(
    `select parameters, score as value from (
       select parameters, score, configuration, row_number() over (order by configuration) as place from configurations
       where sweep_id = $1 and score < 'Infinity' and state in ('completed', 'pruned')
     ) finished where place % $2 = 0 order by configuration limit $3`,
    [sweepId, Math.max(1, Math.ceil(count / most)), most],
  );
}
