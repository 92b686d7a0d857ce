import type { DataSource, EntityManager } from 'typeorm';

type Asked = Pick<DataSource | EntityManager, 'query'>;

/** A team or a member: what it may use, and what it uses. */
export interface ShareRow {
  teamId: string;
  /** Empty for the team itself. */
  member: string;
  weight: number;
  lanes: number | null;
  gpuHours: number | null;
  storageBytes: number | null;
  runningLanes: number;
  trainers: number;
  recent: number;
  /** Trainer seconds in this month. */
  spent: number;
  storedBytes: number;
}

/**
 * Teams and members with their quotas and use: of one team, with its members; null: of all teams, without. What runs is counted by
 * attempts_of_team; a data set that a team has under several names counts once.
 */
export function readShares(manager: Asked, teamId: string | null): Promise<ShareRow[]> {
  return manager.query(
    `select team_id as "teamId", member, weight, shares.lanes, gpu_hours as "gpuHours", storage_bytes as "storageBytes", recent, spent,
            running.lanes as "runningLanes", running.trainers, stored.bytes as "storedBytes"
     from shares
     cross join lateral (
       select count(*)::integer as lanes, count(distinct group_id)::integer as trainers from attempts
       where state = 'running' and attempts.team_id = shares.team_id and (shares.member = '' or owner = shares.member)
     ) running
     cross join lateral (${storedBy('shares.team_id', 'shares.member')}) stored
     where priority = '' and case when $1::text is null then member = '' else team_id = $1 end
     order by team_id, member`,
    [teamId],
  );
}

/** SQL: bytes of the data sets of a team, or of a member if that is not empty. */
const storedBy = (team: string, member: string): string =>
  `select coalesce(sum(bytes), 0)::double precision as bytes from (
     select distinct fingerprint, bytes from datasets where datasets.team_id = ${team} and (${member} = '' or owner = ${member})
   ) contents`;

/** A quota of storage that so many bytes more would pass. */
export interface PassedStorage {
  /** Empty for the team's. */
  member: string;
  most: number;
  stored: number;
}

/**
 * The quota that `bytes` more of a member would pass, the team's first; undefined if there is room. `fingerprint`: of the content, which
 * counts once. `lock`: nobody else adds anything until the caller's transaction ends.
 */
export async function passedStorage(
  manager: Asked,
  { teamId, member }: { teamId: string; member: string },
  bytes: number,
  { fingerprint = '', lock = false } = {},
): Promise<PassedStorage | undefined> {
  const nodes = await manager.query<{ member: string; most: number }[]>(
    `select member, storage_bytes as most from shares where team_id = $1 and member in ('', $2) and priority = ''
       and storage_bytes is not null order by member ${lock ? 'for no key update' : ''}`,
    [teamId, member],
  );
  for (const node of nodes) {
    const [found] = await manager.query<[{ bytes: number; known: boolean }]>(
      `select bytes, exists (select from datasets where team_id = $1 and fingerprint = $3 and ($2 = '' or owner = $2)) as known
       from (${storedBy('$1', '$2::text')}) stored`,
      [teamId, node.member, fingerprint],
    );
    if (!found.known && found.bytes + bytes > node.most) return { ...node, stored: found.bytes };
  }
  return undefined;
}

/** What changes of a team's or a member's share; undefined: nothing. */
export interface ShareChange {
  weight?: number | undefined;
  lanes?: number | null | undefined;
  gpuHours?: number | null | undefined;
  storageBytes?: number | null | undefined;
}

/** Changes the weight and the quotas of a team, or of a member if that is not empty. Claims follow at once. */
export async function changeShare(
  dataSource: DataSource,
  { teamId, member }: { teamId: string; member: string },
  change: ShareChange,
): Promise<void> {
  const columns = { weight: 'weight', lanes: 'lanes', gpuHours: 'gpu_hours', storageBytes: 'storage_bytes' } as const;
  const set = Object.entries(columns).filter(([key]) => change[key as keyof ShareChange] !== undefined);
  await dataSource.transaction(async (manager) => {
    await manager.query(
      `insert into shares (team_id, member) select $1, name from unnest(array['', $2]) as name on conflict do nothing`,
      [teamId, member],
    );
    await manager.query(
      `update shares set ${set.map(([, column], index) => `${column} = $${index + 3}`).join(', ')}
       where team_id = $1 and member = $2 and priority = ''`,
      [teamId, member, ...set.map(([key]) => change[key as keyof ShareChange])],
    );
  });
}

/** The teams beside one that have running sweeps: how many, their weights, and the trainers that they use. */
export async function otherShares(
  manager: Asked,
  teamId: string,
): Promise<{ teams: number; weight: number; trainers: number }> {
  const [row] = await manager.query<[{ teams: number; weight: number; trainers: number }]>(
    `select count(*)::integer as teams, coalesce(sum(weight), 0)::double precision as weight,
            (select count(distinct group_id)::integer from attempts where state = 'running' and team_id not in ($1, '')) as trainers
     from shares where member = '' and priority = '' and team_id <> $1
       and exists (select from sweeps where sweeps.team_id = shares.team_id and state = 'running' and asked is null)`,
    [teamId],
  );
  return row;
}
