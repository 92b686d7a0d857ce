import type { EntityManager } from 'typeorm';

/** The tables of what a trial reported, with their other columns. */
const tables = {
  metric_chunks: ['name', 'first_update', 'updates', 'values'],
  diagnostics: ['update', 'figures'],
  samples: ['place', 'update', 'content'],
  snapshots: ['content'],
} as const;

/** Copies the curves, diagnostics, samples and snapshots of trials to others that have none. Primary keys find the rows. */
export async function copyReports(
  manager: EntityManager,
  pairs: readonly { id: string; source: string }[],
): Promise<void> {
  const ids = pairs.map(({ id }) => id);
  const sources = pairs.map(({ source }) => source);
  for (const [table, columns] of Object.entries(tables))
    await manager.query(
      `insert into ${table} (trial_id, ${columns.join(', ')})
       select own.id, ${columns.map((column) => `${table}.${column}`).join(', ')}
       from unnest($1::text[], $2::text[]) as own (id, source) join ${table} on ${table}.trial_id = own.source`,
      [ids, sources],
    );
}
