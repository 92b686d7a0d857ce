import type { DataSource, EntityManager } from 'typeorm';

/** An id that matches nothing, or more than one thing. */
export class UnknownId extends Error {
  override readonly name = 'UnknownId';
  constructor(
    message: string,
    readonly ambiguous: boolean,
  ) {
    super(message);
  }
}

const longestId = 16;

/** By kind of thing: what it is called, and the rows that belong to the team $1. */
const things = {
  sweeps: { thing: 'sweep', rows: 'sweeps own where own.team_id = $1' },
  trials: { thing: 'trial', rows: 'trials own join sweeps on sweeps.id = own.sweep_id where team_id = $1' },
  views: { thing: 'view', rows: 'views own where own.team_id = $1' },
} as const;

/**
 * The id of a team's row that `prefix` stands for: a complete id, a unique prefix of one, or `last` for the newest.
 * @throws UnknownId
 */
export async function findId(
  dataSource: Pick<DataSource | EntityManager, 'query'>,
  teamId: string,
  table: keyof typeof things,
  prefix: string,
): Promise<string> {
  const { thing, rows } = things[table];
  if (prefix === 'last') {
    const [newest] = await dataSource.query<{ id: string }[]>(
      `select own.id from ${rows} order by own.created_at desc, own.id desc limit 1`,
      [teamId],
    );
    if (!newest) throw new UnknownId(`there is no ${thing} yet`, false);
    return newest.id;
  }
  if (!/^[a-z0-9]{1,16}$/.test(prefix))
    throw new UnknownId(`no ${thing} ${JSON.stringify(prefix.slice(0, 40))}`, false);
  // The upper bound is not `~`, which many collations sort before all letters.
  const found = await dataSource.query<{ id: string }[]>(
    `select own.id from ${rows} and own.id >= $2 and own.id <= $3 order by own.id limit 2`,
    [teamId, prefix, prefix.padEnd(longestId, 'z')],
  );
  const [first, second] = found;
  if (!first) throw new UnknownId(`no ${thing} ${prefix}`, false);
  if (second && first.id !== prefix)
    throw new UnknownId(`${prefix} begins the id of more than one ${thing}: write more of it`, true);
  return first.id;
}
