import type { DataSource } from 'typeorm';

/** One curve. Values that are not finite are texts. */
export interface WholeCurve {
  updates: number[];
  values: (number | string)[];
}

/** The curves of one metric of these trials, whole. As JSON, which is read ten times as fast as arrays are. The primary key finds them. */
export async function wholeCurves(
  dataSource: DataSource,
  trialIds: readonly string[],
  name: string,
): Promise<ReadonlyMap<string, WholeCurve>> {
  const chunks = await dataSource.query<{ trial_id: string; updates: string; values: string }[]>(
    `select trial_id, array_to_json(updates)::text as updates, array_to_json(values)::text as values
     from metric_chunks where trial_id = any($1) and name = $2 order by trial_id, first_update`,
    [trialIds, name],
  );
  const curves = new Map<string, WholeCurve>();
  for (const { trial_id: trialId, updates, values } of chunks) {
    const more = { updates: JSON.parse(updates) as number[], values: JSON.parse(values) as WholeCurve['values'] };
    const own = curves.get(trialId);
    curves.set(
      trialId,
      own ? { updates: [...own.updates, ...more.updates], values: [...own.values, ...more.values] } : more,
    );
  }
  return curves;
}

/** The names of all curves of these trials. */
export async function curveNames(dataSource: DataSource, trialIds: readonly string[]): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>(
    `select distinct name from metric_chunks where trial_id = any($1) order by name`,
    [trialIds],
  );
  return rows.map(({ name }) => name);
}
