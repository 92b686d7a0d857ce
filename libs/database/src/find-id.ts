import type { DataSource, EntityManager } from 'typeorm';
import { bestTrial } from './sweeps/sweep-progress';

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

type Source = Pick<DataSource | EntityManager, 'query'>;

/** The newest sweep or view. @throws UnknownId */
async function newestOf(dataSource: Source, table: 'sweeps' | 'views'): Promise<string> {
  const [newest] = await dataSource.query<{ id: string }[]>(
    `select id from ${table} order by created_at desc, id desc limit 1`,
  );
  if (!newest) throw new UnknownId(`there is no ${things[table]} yet`, false);
  return newest.id;
}

/** The newest trial of the newest sweep that has trials: the one with the highest number. @throws UnknownId */
async function newestTrial(dataSource: Source): Promise<string> {
  const [newest] = await dataSource.query<{ id: string }[]>(
    `select newest.id from sweeps cross join lateral (
       select id from trials where sweep_id = sweeps.id order by number desc limit 1
     ) newest order by sweeps.created_at desc, sweeps.id desc limit 1`,
  );
  if (!newest) throw new UnknownId('there is no trial yet', false);
  return newest.id;
}

/** A sweep by its id or, if none has such an id, the newest of this name. @throws UnknownId */
async function findSweep(dataSource: Source, sweep: string): Promise<string> {
  return findId(dataSource, 'sweeps', sweep).catch(async (error: unknown) => {
    const [named] = await dataSource.query<{ id: string }[]>(
      `select id from sweeps where name = $1 order by created_at desc, id desc limit 1`,
      [sweep],
    );
    if (!named) throw error;
    return named.id;
  });
}

/** The trial at the top of a sweep's leaderboard. @throws UnknownId */
async function bestTrialOf(dataSource: Source, sweep: string): Promise<string> {
  const id = await findSweep(dataSource, sweep);
  const best = await bestTrial(dataSource, id, { goal: 'minimize' });
  if (!best) throw new UnknownId(`sweep ${id} has no best trial: none has reported a value`, false);
  return best.trialId;
}

/**
 * The id that `prefix` stands for: a complete id, a unique prefix of one, or `last` for the newest. For trials also `best`, the first of
 * the leaderboard of the newest sweep, and `SWEEP:best`, that of another, by its id or name.
 * @throws UnknownId
 */
export async function findId(dataSource: Source, table: keyof typeof things, prefix: string): Promise<string> {
  const thing = things[table];
  if (table === 'trials') {
    const best = /^(?:(.{1,100}):)?best$/s.exec(prefix);
    if (best) return bestTrialOf(dataSource, best[1] ?? 'last');
  }
  if (prefix === 'last') return table === 'trials' ? newestTrial(dataSource) : newestOf(dataSource, table);
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
