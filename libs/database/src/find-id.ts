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
const things = { sweeps: 'sweep', trials: 'trial', views: 'view' } as const;

/**
 * The id that `prefix` stands for: a complete id, a unique prefix of one, or `last` for the newest.
 * @throws UnknownId
 */
export async function findId(
  dataSource: Pick<DataSource | EntityManager, 'query'>,
  table: keyof typeof things,
  prefix: string,
): Promise<string> {
  const thing = things[table];
  if (prefix === 'last') {
    const [newest] = await dataSource.query<{ id: string }[]>(
      `select id from ${table} order by created_at desc, id desc limit 1`,
    );
    if (!newest) throw new UnknownId(`there is no ${thing} yet`, false);
    return newest.id;
  }
  if (!/^[a-z0-9]{1,16}$/.test(prefix))
    throw new UnknownId(`no ${thing} ${JSON.stringify(prefix.slice(0, 40))}`, false);
  // The upper bound is not `~`, which many collations sort before all letters.
  const found = await dataSource.query<{ id: string }[]>(
    `select id from ${table} where id >= $1 and id <= $2 order by id limit 2`,
    [prefix, prefix.padEnd(longestId, 'z')],
  );
  const [first, second] = found;
  if (!first) throw new UnknownId(`no ${thing} ${prefix}`, false);
  if (second && first.id !== prefix)
    throw new UnknownId(`${prefix} begins the id of more than one ${thing}: write more of it`, true);
  return first.id;
}
