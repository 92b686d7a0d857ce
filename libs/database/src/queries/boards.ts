import type { SweepSpec } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import type { BoardRecord } from '../entities/board-record';

export interface CountedBoard extends Omit<BoardRecord, 'sweepId' | 'sweep'> {
  configurations: number;
}

/** All boards of the team that hold a configuration, largest first. Counting reads an index of all configurations from end to end. */
export function countedBoards(dataSource: DataSource): Promise<CountedBoard[]> {
  return dataSource.query(
    `select board, objective, metric, goal, dataset, fingerprint, reading, task, tokens, configurations
     from (select distinct on (board, objective) * from boards order by board, objective, sweep_id) named
     join (select board, objective, count(*)::integer as configurations from configurations where score is not null
       group by board, objective) counted using (board, objective)
     order by configurations desc, board, objective`,
  );
}

/** The boards of a sweep, and the metrics that its best configuration has. */
export async function sweepBoards(
  dataSource: DataSource,
  sweepId: string,
): Promise<{ boards: string[]; metrics: Record<string, number> }> {
  const [row] = await dataSource.query<{ boards: string[]; metrics: Record<string, number> | null }[]>(
    `select array(select board from boards where sweep_id = $1) as boards,
            (select metrics from configurations where sweep_id = $1 and score is not null order by score, configuration limit 1) as metrics`,
    [sweepId],
  );
  return { boards: row!.boards, metrics: row!.metrics ?? {} };
}

/** Specifications of the sweeps on a board, newest first, and the metrics that its best configuration has. */
export async function boardSweeps(
  dataSource: DataSource,
  { board, objective }: { board: string; objective: string },
  most: number,
): Promise<{ specs: SweepSpec[]; metrics: Record<string, number> }> {
  const [row] = await dataSource.query<{ specs: SweepSpec[]; metrics: Record<string, number> | null }[]>(
    `select array(select spec from boards join sweeps on sweeps.id = sweep_id where board = $1 and boards.objective = $2
              order by created_at desc, sweeps.id limit $3) as specs,
            (select metrics from configurations where board = $1 and objective = $2 and score is not null
              order by score, sweep_id, configuration limit 1) as metrics`,
    [board, objective, most],
  );
  return { specs: row!.specs, metrics: row!.metrics ?? {} };
}
