import type { SweepSpec, TaskSpec } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import type { BoardRecord } from '../entities/board-record';

export interface CountedBoard extends Omit<BoardRecord, 'sweepId' | 'sweep'> {
  teamId: string;
  /** All names under which its sweeps know the data: one content may be registered under several. `dataset` is one of them. */
  names: string[];
  configurations: number;
  /** The task of its best configuration, with its options. */
  taskSpec: TaskSpec;
  /** How a sweep of it cross-validates; null if it does not. */
  fold: { kind?: unknown; of?: unknown; index?: unknown } | null;
}

/** All team leaderboards that have a configuration, largest first. Counting scans an index of all configurations. */
export function countedBoards(dataSource: DataSource): Promise<CountedBoard[]> {
  return dataSource.query(
    `select comparison_key as "comparisonKey", objective, metric, goal, dataset, fingerprint, reading, task, tokens, configurations,
            team_id as "teamId", names, fold, (
              select trials.spec -> 'task' from configurations best join trials on trials.id = best_trial
              where best.comparison_key = named.comparison_key and best.objective = named.objective and score is not null
              order by score, best.sweep_id, best.configuration limit 1
            ) as "taskSpec"
     from (select distinct on (comparison_key, boards.objective) boards.*, team_id, spec -> 'dataset' -> 'fold' as fold from boards join sweeps on sweeps.id = sweep_id order by comparison_key, boards.objective, sweep_id) named
     join (select comparison_key, objective, count(*)::integer as configurations from configurations where score is not null
       group by comparison_key, objective) counted using (comparison_key, objective)
     join (select comparison_key, objective, array_agg(distinct dataset order by dataset) as names from boards
       group by comparison_key, objective) known using (comparison_key, objective)
     order by configurations desc, comparison_key, objective`,
  );
}

/** A sweep on a leaderboard: what it searched, and what edits of it changed. */
export interface BoardSweep {
  sweepId: string;
  spec: SweepSpec;
  changed: string[];
}

const sweepColumns = `sweeps.id as "sweepId", spec,
  array(select unnest(changed) from sweep_edits where sweep_edits.sweep_id = sweeps.id) as changed`;
/** Best configurations whose metrics a board is sorted by. */
const mostMeasured = 100;

const metricsOf = (where: string, order: string): string =>
  `array(select distinct jsonb_object_keys(metrics) from (
     select metrics from configurations where ${where} and score is not null order by ${order} limit ${mostMeasured}
   ) best)`;

/** The comparison keys of a sweep, the sweep itself, and the names of what its best configurations measured. */
export async function sweepBoards(
  dataSource: DataSource,
  sweepId: string,
): Promise<{ comparisonKeys: string[]; sweeps: BoardSweep[]; metrics: string[] }> {
  const [[row], sweeps] = await Promise.all([
    dataSource.query<{ comparisonKeys: string[]; metrics: string[] }[]>(
      `select array(select comparison_key from boards where sweep_id = $1) as "comparisonKeys",
              ${metricsOf('sweep_id = $1', 'score, configuration')} as metrics`,
      [sweepId],
    ),
    dataSource.query<BoardSweep[]>(`select ${sweepColumns} from sweeps where id = $1`, [sweepId]),
  ]);
  return { ...row!, sweeps };
}

/** The sweeps on a team leaderboard, newest first, and the names of what its best configurations measured. */
export async function boardSweeps(
  dataSource: DataSource,
  { comparisonKey, objective }: { comparisonKey: string; objective: string },
  most: number,
): Promise<{ sweeps: BoardSweep[]; metrics: string[] }> {
  const [[row], sweeps] = await Promise.all([
    dataSource.query<{ metrics: string[] }[]>(
      `select ${metricsOf('comparison_key = $1 and objective = $2', 'score, sweep_id, configuration')} as metrics`,
      [comparisonKey, objective],
    ),
    dataSource.query<BoardSweep[]>(
      `select ${sweepColumns} from boards join sweeps on sweeps.id = sweep_id
       where comparison_key = $1 and boards.objective = $2 order by created_at desc, sweeps.id limit $3`,
      [comparisonKey, objective, most],
    ),
  ]);
  return { metrics: row!.metrics, sweeps };
}
