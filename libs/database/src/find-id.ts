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

/** By kind of thing: what it is called, and the rows that belong to the team $1. */
const things = {
  sweeps: { thing: 'sweep', rows: 'sweeps own where own.team_id = $1' },
  trials: { thing: 'trial', rows: 'trials own join sweeps on sweeps.id = own.sweep_id where team_id = $1' },
  views: { thing: 'view', rows: 'views own where own.team_id = $1' },
  reports: { thing: 'report', rows: 'reports own where own.team_id = $1' },
  diary: { thing: 'diary entry', rows: 'diary own where own.team_id = $1' },
} as const;

type Source = Pick<DataSource | EntityManager, 'query'>;

/** A team's newest sweep, view, report or entry of the diary. @throws UnknownId */
async function newestOf(
  dataSource: Source,
  teamId: string,
  table: Exclude<keyof typeof things, 'trials'>,
): Promise<string> {
  const { thing, rows } = things[table];
  const [newest] = await dataSource.query<{ id: string }[]>(
    `select own.id from ${rows} order by own.created_at desc, own.id desc limit 1`,
    [teamId],
  );
  if (!newest) throw new UnknownId(`there is no ${thing} yet`, false);
  return newest.id;
}

/** The newest trial of a team's newest sweep that has trials: the one with the highest number. @throws UnknownId */
async function newestTrial(dataSource: Source, teamId: string): Promise<string> {
  const [newest] = await dataSource.query<{ id: string }[]>(
    `select newest.id from sweeps cross join lateral (
       select id from trials where sweep_id = sweeps.id order by number desc limit 1
     ) newest where sweeps.team_id = $1 order by sweeps.created_at desc, sweeps.id desc limit 1`,
    [teamId],
  );
  if (!newest) throw new UnknownId('there is no trial yet', false);
  return newest.id;
}

/**
 * A team's sweep by its id, else the newest of this name, else by the beginning of its id: a short name would otherwise be another sweep
 * from some day on. `last` is the newest of all. @throws UnknownId
 */
async function findSweep(dataSource: Source, teamId: string, sweep: string): Promise<string> {
  if (sweep === 'last') return findId(dataSource, teamId, 'sweeps', sweep);
  const [found] = await dataSource.query<{ id: string }[]>(
    `select id from sweeps where team_id = $1 and (id = $2 or name = $2) order by id = $2 desc, created_at desc, id desc limit 1`,
    [teamId, sweep],
  );
  return found?.id ?? findId(dataSource, teamId, 'sweeps', sweep);
}

/** The trial at the top of a sweep's leaderboard, of those that were not cancelled if there is one. @throws UnknownId */
async function bestTrialOf(dataSource: Source, teamId: string, sweep: string): Promise<string> {
  const id = await findSweep(dataSource, teamId, sweep);
  const best = await bestTrial(dataSource, id, { goal: 'minimize' });
  if (!best) throw new UnknownId(`sweep ${id} has no best trial: none has reported a value`, false);
  return best.trialId;
}

/**
 * The id of a team's row that `prefix` stands for: a complete id, a unique prefix of one, or `last` for the newest. For trials also
 * `best`, the first of the leaderboard of the newest sweep (a cancelled one only if there is no other), and `SWEEP:best`, that of another,
 * by its id or name.
 * @throws UnknownId
 */
export async function findId(
  dataSource: Source,
  teamId: string,
  table: keyof typeof things,
  prefix: string,
): Promise<string> {
  const { thing, rows } = things[table];
  if (table === 'trials') {
    const best = /^(?:(.{1,100}):)?best$/s.exec(prefix);
    if (best) return bestTrialOf(dataSource, teamId, best[1] ?? 'last');
  }
  if (prefix === 'last')
    return table === 'trials' ? newestTrial(dataSource, teamId) : newestOf(dataSource, teamId, table);
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
