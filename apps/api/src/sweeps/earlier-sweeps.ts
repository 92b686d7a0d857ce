import { ValidationError, type Objective, type SweepSpec } from '@unroll/contracts';
import { findId, Sweep, UnknownId } from '@unroll/database';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';

/** A sweep named in `search.from`, and where it is named. */
export interface EarlierSweep {
  id: string;
  path: string;
  objective: Objective;
}

export const refusal = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

/** The sweeps that `search.from` names. @throws ValidationError for one that does not exist, or has another objective */
export async function earlierSweeps(
  manager: EntityManager,
  caller: Caller,
  { search: { from = [] } }: SweepSpec,
  objective: Objective,
): Promise<EarlierSweep[]> {
  const found: EarlierSweep[] = [];
  for (const [index, prefix] of from.entries()) {
    const path = `search.from[${index}]`;
    const id = await findId(manager, caller.teamId, 'sweeps', prefix).catch((error: unknown) => {
      throw error instanceof UnknownId ? refusal(path, error.message) : error;
    });
    const { objective: own } = await manager.findOneByOrFail(Sweep, { id });
    if (own.metric !== objective.metric || own.goal !== objective.goal)
      throw refusal(
        path,
        `sweep ${id} has the objective ${own.goal} ${own.metric}, not ${objective.goal} ${objective.metric}`,
      );
    found.push({ id, path, objective: own });
  }
  return found;
}
