import type { SweepState } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';

/** Deletes a team's data set that no open sweep uses; returns the sweeps that do. */
export function deleteDataset(
  dataSource: DataSource,
  teamId: string,
  name: string,
): Promise<{ id: string; state: SweepState }[]> {
  return dataSource.transaction(async (manager) => {
    await manager.query('select from datasets where team_id = $1 and name = $2 for update', [teamId, name]);
    const using = await manager.query<{ id: string; state: SweepState }[]>(
      `select id, state from sweeps where state in ('running', 'paused') and team_id = $1 and datasets::jsonb ? $2 order by created_at limit 1`,
      [teamId, name],
    );
    if (using.length === 0)
      await manager.query('delete from datasets where team_id = $1 and name = $2', [teamId, name]);
    return using;
  });
}

/** Bytes of all registered data sets. Several names of the same content count once. */
export async function storedBytes(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<{ bytes: string }[]>(
    'select coalesce(sum(bytes), 0) as bytes from (select distinct fingerprint, bytes from datasets) as contents',
  );
  return Number(row!.bytes);
}

/** Which of these fingerprints are those of a registered data set. */
export async function registeredFingerprints(
  manager: EntityManager,
  fingerprints: readonly string[],
): Promise<Set<string>> {
  const rows = await manager.query<{ fingerprint: string }[]>(
    'select distinct fingerprint from datasets where fingerprint = any($1)',
    [fingerprints],
  );
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}
