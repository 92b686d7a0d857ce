import { countFolds, wholeStopping } from '@unroll/contracts';
import {
  bestComplete,
  insertPairedTest,
  lockSweep,
  pairedSweeps,
  pruneHeldSeeds,
  releaseSeeds,
  waitingConfigurations,
  type PairedSweep,
} from '@unroll/database';
import { comparePairs, nextLook } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/**
 * Decides on configurations whose first seeds have ended and whose others wait (`stopping.pThreshold`): one that is worse than the best
 * configuration on the same seeds is pruned, the others get their next seeds. A verdict, its log entry and what follows from it are one
 * transaction.
 */
export async function advanceSeeds(manager: EntityManager): Promise<void> {
  for (const sweep of await pairedSweeps(manager))
    await manager.transaction(async (inner) => {
      if ((await lockSweep(inner, sweep.id)) !== 'running') return;
      const waiting = await waitingConfigurations(inner, sweep);
      if (waiting.length === 0) return;
      const best = await bestComplete(inner, sweep);
      for (const { configuration, values } of waiting) await decide(inner, sweep, { configuration, values, best });
    });
}

interface Compared {
  configuration: number;
  values: number[];
  /** Undefined while no configuration has all of its seeds. */
  best: Awaited<ReturnType<typeof bestComplete>>;
}

async function decide(
  manager: EntityManager,
  sweep: PairedSweep,
  { configuration, values, best }: Compared,
): Promise<void> {
  const { pThreshold } = wholeStopping(sweep.spec.stopping);
  const folds = countFolds(sweep.spec);
  const verdict = best && comparePairs(pThreshold, sweep.objective.goal, { values, against: best }, folds);
  if (verdict)
    await insertPairedTest(manager, sweep.id, {
      ...{ configuration, seeds: values.length, values, against: best.configuration, againstValues: best.values },
      ...verdict,
    });
  if (verdict?.decision === 'stop') await pruneHeldSeeds(manager, { sweepId: sweep.id, configuration }, verdict.why);
  else await releaseSeeds(manager, sweep, configuration, nextLook(pThreshold, values.length));
}
