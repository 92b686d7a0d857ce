import { goalSign, type Objective, type SweepSpec } from '@unroll/contracts';
import { earlierOutcomes, type EarlierConfiguration } from '@unroll/database';
import { chooseSampler, toParameters } from '@unroll/search';
import type { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import type { SearchThreads } from '../search/search-threads';
import { earlierSweeps, refusal } from './earlier-sweeps';

/** Most configurations taken from one earlier sweep. */
const most = 1000;

/**
 * The results of the sweeps in `search.from` on the same data and task, for a search to start from: parameters, and value (lower is
 * better). All are read from one snapshot, so that a sweep which is deleted at the same time is there with its trials or not at all.
 * @throws ValidationError for a sweep that does not exist, or one with another objective or another search space
 */
export async function warmStart(
  dataSource: DataSource,
  threads: SearchThreads,
  caller: Caller,
  spec: SweepSpec,
  objective: Objective,
  boards: readonly string[],
): Promise<EarlierConfiguration[]> {
  const { from = [], algorithm } = spec.search;
  if (from.length === 0) return [];
  if (!chooseSampler(spec).sampler.learns)
    throw refusal(
      'search.from',
      `search: ${algorithm} cannot learn from earlier sweeps: use search: tpe, or omit search.from`,
    );
  const read = await dataSource.transaction('REPEATABLE READ', async (manager) => {
    const sweeps: { id: string; path: string; outcomes: Awaited<ReturnType<typeof earlierOutcomes>> }[] = [];
    for (const { id, path } of await earlierSweeps(manager, caller, spec, objective))
      sweeps.push({ id, path, outcomes: await earlierOutcomes(manager, id, boards, objective, most) });
    return sweeps;
  });
  const found: EarlierConfiguration[] = [];
  // PostgreSQL would end a transaction that waits for a thread for long.
  for (const { id, path, outcomes } of read) {
    if (outcomes.length === 0)
      throw refusal(path, `sweep ${id} has no completed trial on the same data, split and task`);
    const sign = goalSign(objective);
    const results = outcomes.map((each) => ({ parameters: toParameters(each.spec), value: each.value * sign }));
    if ((await threads.answer('countUsable', { spec, results })) === 0)
      throw refusal(
        path,
        `sweep ${id} searched another space: none of its ${results.length} configurations is in this one`,
      );
    found.push(...results);
  }
  return found;
}
