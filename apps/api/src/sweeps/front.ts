import { goalSign, type Compared, type Front, type PageQuery } from '@unroll/contracts';
import { compromises, type Compromise, type Sweep } from '@unroll/database';
import { getObjectives, paretoRanks } from '@unroll/search';
import type { DataSource } from 'typeorm';
import { fromCursor, isCount, toPage } from '../http/cursor';
import { meanScore } from '../objectives/mean-score';

/**
 * A page of a sweep's configurations by Pareto rank. Configurations that lack a value so far, such as the parameter count of a network in
 * training, are left out. The cursor counts rows: all configurations are ranked for each page, 10,000 at most.
 */
export async function readFront(
  dataSource: DataSource,
  { id, spec }: Sweep,
  { limit, cursor }: PageQuery,
): Promise<Front> {
  const objectives = getObjectives(spec);
  const sign = goalSign(objectives[0]!);
  const complete = (await compromises(dataSource, id, sign)).flatMap((row) => {
    const scores = objectives.map((each) => meanScore(each, row.reached));
    return scores.every((score) => score !== null) ? [{ row, scores }] : [];
  });
  const ranks = paretoRanks(complete.map(({ scores }) => scores));
  const ranked = complete.map((each, index) => ({ ...each, front: ranks[index]! + 1 }));
  ranked.sort((a, b) => a.front - b.front || a.scores[0]! - b.scores[0]! || a.row.configuration - b.row.configuration);
  const from = fromCursor(cursor, isCount) ?? 0;
  const shown = ranked.slice(from, from + limit + 1).map((each, index) => ({ ...each, place: from + index + 1 }));
  const page = toPage(
    shown,
    limit,
    ({ row, scores, front }) => toItem(row, front, objectives, scores),
    ({ place }) => place,
  );
  return { objectives, ...page };
}

function toItem(
  { trialId, parameters, repeats, state, updates, seconds }: Compromise,
  front: number,
  objectives: readonly Compared[],
  scores: readonly number[],
): Front['items'][number] {
  const values = Object.fromEntries(
    objectives.map(({ metric, goal }, index) => [metric, scores[index]! * goalSign({ goal })]),
  );
  return { front, trialId, values, parameters, repeats, state, updates, seconds };
}
