import type { EntityManager } from 'typeorm';
import { numberedAs } from '../seeds-of';
import type { AskedSpread, Spreads } from './spreads';

/** What is asked about the patience of a sweep. */
export interface Patience extends AskedSpread {
  /** Configurations in a row that bring no improvement, after which it ends. */
  patience: number;
}

/**
 * Why a sweep has run out of patience: how many of its configurations have ended since the first that is within the spread of the best. A
 * configuration has ended once all of its trials have; one whose trials were only cancelled does not count.
 */
export async function ranOutOfPatience(
  manager: EntityManager,
  asked: Patience,
  spreads: Spreads,
): Promise<string | undefined> {
  const bound = await boundIfRunOut(manager, asked, spreads);
  if (bound === undefined) return undefined;
  const since = await endedSinceBest(manager, asked, bound);
  return since >= asked.patience
    ? `budget.patience: the last ${since} configurations brought no improvement`
    : undefined;
}

/**
 * The definition, over all trials of a sweep, which takes long in a large one: it is asked for once, to tell the number. A configuration
 * that has the values of cancelled trials alone has none here. `bound`: the best score with the spread.
 */
async function endedSinceBest(manager: EntityManager, { sweepId, open }: Patience, bound: number): Promise<number> {
  const [row] = await manager.query<[{ since: number }]>(
    `with ended as materialized (
         select configuration, case when state <> 'cancelled' then score end as score, ended_at from (
           select sweep_id, configuration, max(finished_at) as ended_at from trials where sweep_id = $1
           group by sweep_id, configuration
           having bool_and(state not in ('pending', 'running') and id is distinct from $2) and bool_or(state <> 'cancelled')
         ) own left join configurations using (sweep_id, configuration)
       ),
       foremost as (select ended_at from ended where score <= $3 order by ended_at, configuration limit 1)
     select count(*)::integer as since from ended, foremost where ended.ended_at > foremost.ended_at`,
    [sweepId, open, bound],
  );
  return row.since;
}

/**
 * SQL: when the trials of a configuration ended, and the number of the last; no row unless it has ended. By trials_of_sweep: `offset 0`
 * keeps the planner from reading all trials of a state.
 */
const endOf = (configuration: string, seeds = 'seeds'): string => `select max(finished_at) as ended_at,
           (array_agg(number order by finished_at desc nulls last, number desc))[1] as last
         from (select * from trials where sweep_id = $1 and ${numberedAs(configuration, seeds)} order by number offset 0) seeded
         having bool_and(state not in ('pending', 'running') and id is distinct from $2) and bool_or(state <> 'cancelled')`;

/** SQL: the least score of the configurations that have ended, of those that `condition` selects. */
const least = (condition: string): string => `select own.score from size cross join configurations own
         cross join lateral (${endOf('own.configuration')}) came
       where own.sweep_id = $1 and own.score is not null and own.state <> 'cancelled' and ${condition}
       order by own.score, own.configuration limit 1`;

/**
 * When the last but `patience` of the configurations ended, as text; null if not so many have. trials_finished gives the trials that ended
 * last: more of them are read only where many configurations were cancelled, or have seeds that are open. A number of rows, not
 * `offset 0`, since a plan for all of them would sort them.
 */
async function lateEnd(manager: EntityManager, { sweepId, open, patience }: Patience): Promise<string | null> {
  for (let most = 1000 + 4 * patience; ; most *= 16) {
    const [row] = await manager.query<[{ endedAt: string | null; total: number }?]>(
      `with size as (select total, total / configurations as seeds from sweeps where id = $1)
       select total, (
         select came.ended_at::text from (
           select number, configuration, finished_at from trials where sweep_id = $1 and finished_at is not null
           order by finished_at desc limit $4
         ) own
         cross join lateral (${endOf('own.configuration', '(select seeds from size)')}) came
         where came.last = own.number order by own.finished_at desc offset $3 - 1 limit 1
       ) as "endedAt" from size`,
      [sweepId, open, patience, most],
    );
    if (!row) return null;
    if (row.endedAt !== null || most >= row.total) return row.endedAt;
  }
}

/**
 * The best score with the spread, if a sweep has run out of patience. It has if one of the configurations after which so many others have
 * ended is within the spread of the best. What is read follows from the patience and from the trials that are open, not from those that
 * have ended: configurations_by_score gives the best one and the best of the earlier ones.
 */
async function boundIfRunOut(manager: EntityManager, asked: Patience, spreads: Spreads): Promise<number | undefined> {
  const { sweepId, open } = asked;
  const late = await lateEnd(manager, asked);
  if (late === null) return undefined;
  const [found] = await manager.query<{ seeds: number; best: number; earlier: number }[]>(
    `with size as (select total / configurations as seeds from sweeps where id = $1),
     best as materialized (${least('true')}),
     earlier as materialized (${least('came.ended_at < $3::timestamptz')})
     select seeds, best.score as best, earlier.score as earlier from size, best, earlier`,
    [sweepId, open, late],
  );
  if (!found) return undefined;
  const { seeds, best, earlier } = found;
  const bound = best + (seeds > 1 ? await spreads.read(manager, asked) : 0);
  return earlier <= bound ? bound : undefined;
}
