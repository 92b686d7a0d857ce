import { signOf, ValidationError, type Objective, type SweepSpec } from '@unroll/contracts';
import { earlierOutcomes, findId, Sweep, UnknownId, type EarlierConfiguration } from '@unroll/database';
import { chooseSampler, parametersOf, SweepSearch } from '@unroll/search';
import type { DataSource } from 'typeorm';

/** Configurations that one earlier sweep may give. */
const most = 1000;

/**
 * What the sweeps of `search.from` found on the same data and task, for a search to begin with: value, less is better, and parameters.
 * @throws ValidationError where one measured something else, or searched where this sweep does not
 */
export async function warmStart(
  dataSource: DataSource,
  spec: SweepSpec,
  objective: Objective,
  boards: readonly string[],
): Promise<EarlierConfiguration[]> {
  const { from = [], algorithm } = spec.search;
  const refuse = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);
  if (from.length > 0 && !chooseSampler(spec).sampler.learns)
    throw refuse(
      'search.from',
      `search: ${algorithm} learns nothing from earlier sweeps: use search: tpe, or leave it out`,
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
      throw refuse(path, `sweep ${id} has completed no trial on the same data, split and task`);
    const sign = signOf({ goal });
    const told = outcomes.map((each) => ({ parameters: parametersOf(each.spec), value: each.value * sign }));
    if (new SweepSearch(spec).learnFrom(told) === 0)
      throw refuse(
        path,
        `sweep ${id} searched another space: none of its ${told.length} configurations lies in this one`,
      );
    found.push(...told);
  }
  return found;
}
