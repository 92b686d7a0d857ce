import type { TrialState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { numberedAs } from '../seeds-of';

export interface SweepTrial {
  id: string;
  sweepId: string;
  configuration: number;
  seed: number;
  state: TrialState;
  value: number | null;
  metrics: Record<string, number>;
  updates: number;
  finishedAt: Date | null;
  parameters: Record<string, unknown>;
}

const columns = `trials.id, trials.sweep_id as "sweepId", trials.configuration, trials.seed::double precision as seed, trials.state, value,
  trials.metrics, trials.updates, trials.finished_at as "finishedAt", trials.parameters`;

/**
 * Trials of a sweep that have started, those of the best configurations first; trials without a rank come last. configurations_by_score
 * gives the order, trials_of_sweep the seeds of each (`offset 0` keeps the planner from reading all trials), trials_by_state the rest.
 */
export async function bestTrials(dataSource: DataSource, sweepId: string, most: number): Promise<SweepTrial[]> {
  const ranked = await dataSource.query<SweepTrial[]>(
    `select ${columns} from (select total / configurations as seeds from sweeps where id = $1) how
     cross join lateral (select configuration as own, score from configurations where sweep_id = $1 and score is not null
       order by score, configuration limit $2) best
     cross join lateral (select * from trials where sweep_id = $1 and ${numberedAs('own', 'seeds')}
       and state <> 'pending' offset 0) trials
     order by score, own, number limit $2`,
    [sweepId, most],
  );
  if (ranked.length >= most) return ranked;
  const others = await dataSource.query<SweepTrial[]>(
    `select ${columns} from trials where sweep_id = $1 and state in ('running', 'diverged', 'failed', 'cancelled')
       and started_at is not null and not id = any($2) order by number limit $3`,
    [sweepId, ranked.map(({ id }) => id), most - ranked.length],
  );
  return [...ranked, ...others];
}

/** These trials, in this order. */
export async function trialsById(dataSource: DataSource, ids: readonly string[]): Promise<SweepTrial[]> {
  const rows = await dataSource.query<SweepTrial[]>(`select ${columns} from trials where id = any($1)`, [ids]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export interface HistoryRow {
  trialId: string;
  finishedAt: Date;
  value: number;
  best: number;
}

/**
 * Trials of a sweep with a finite value in the order in which they finished, with the best value so far: every new best, and an even
 * selection of the others.
 */
export function sweepHistory(
  dataSource: DataSource,
  sweepId: string,
  sign: number,
  most: number,
): Promise<HistoryRow[]> {
  return dataSource.query(
    `with ended as (
       select id, finished_at, number, value, min(value * $2) over (order by finished_at, number) as best,
              row_number() over (order by finished_at, number) as place, count(*) over () as ended
       from trials where sweep_id = $1 and abs(value) < 'Infinity' and state in ('completed', 'pruned')
     )
     select id as "trialId", finished_at as "finishedAt", value, best * $2 as best from ended
     where value * $2 = best or place % ceil(ended / $3::double precision)::bigint = 0 order by place`,
    [sweepId, sign, most],
  );
}
