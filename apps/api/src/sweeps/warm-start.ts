import { goalSign, ValidationError, type Objective, type SweepSpec } from '@unroll/contracts';
import { earlierOutcomes, findId, Sweep, UnknownId, type EarlierConfiguration } from '@unroll/database';
import { chooseSampler, toParameters } from '@unroll/search';
import type { DataSource } from 'typeorm';
import type { SearchThreads } from '../search/search-threads';

/** Most configurations taken from one earlier sweep. */
const most = 1000;

/**
 * The results of the sweeps in `search.from` on the same data and task, for a search to start from: parameters, and value (lower is
 * better).
 * @throws ValidationError for a sweep with another objective or another search space
 */
export async function warmStart(
  dataSource: DataSource,
  threads: SearchThreads,
  spec: SweepSpec,
  objective: Objective,
  boards: readonly string[],
): Promise<EarlierConfiguration[]> {
  const { from = [], algorithm } = spec.search;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (from.length > 0 && !chooseSampler(spec).sampler.learns)
    throw refuse(
      'search.from',
      `search: ${algorithm} cannot learn from earlier sweeps: use search: tpe, or omit search.from`,
    );
  const found: EarlierConfiguration[] = [];
  for (const [index, prefix] of from.entries()) {
    const path = `search.from[${index}]`;
    const id = await findId(dataSource, 'sweeps', prefix).catch((error: unknown) => {
      throw error instanceof UnknownId ? refuse(path, error.message) : error;
    });
    const earlier = await dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const { metric, goal } = earlier.objective;
    if (metric !== objective.metric || goal !== objective.goal)
      throw refuse(path, `sweep ${id} has the objective ${goal} ${metric}, not ${objective.goal} ${objective.metric}`);
    const outcomes = await earlierOutcomes(dataSource, id, boards, objective, most);
    if (outcomes.length === 0)
      throw refuse(path, `sweep ${id} has no completed trial on the same data, split and task`);
    const sign = goalSign({ goal });
    const results = outcomes.map((each) => ({ parameters: toParameters(each.spec), value: each.value * sign }));
    if ((await threads.answer('countUsable', { spec, results })) === 0)
      throw refuse(
        path,
        `sweep ${id} searched another space: none of its ${results.length} configurations is in this one`,
      );
    found.push(...results);
  }
  return found;
}
