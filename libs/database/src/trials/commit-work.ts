import type { Baseline, Diagnostics, Snapshots } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { appendCurves } from '../curves/append-curves';
import { appendObservations } from '../curves/append-observations';
import type { CurvePoints } from '../curves/curve';
import { lockAttempts } from './lock-attempts';
import { lostAttempts, type LostAttempts } from './lost-attempts';
import { reportAndFinish, type Report, type TrialEnd } from './transitions/finish';

/** What a worker has to write for one attempt. */
export interface AttemptWork extends Report {
  /** Points since the last commit. */
  curves: CurvePoints[];
  /** Diagnostics of the network, by update. */
  diagnostics: { update: number; figures: Diagnostics }[];
  /** Updates in one pass over the data, if a report has said so. */
  updatesPerEpoch?: number | undefined;
  /** Set if the attempt ended at a rung of a population, with the state that was written there. */
  rung?: { checkpoint: string; update: number } | undefined;
  /** Set if the attempt ended. */
  end?: (TrialEnd & { /** Activations of the network at the end. */ snapshots?: Snapshots | undefined }) | undefined;
}

export interface BoardBaseline extends Baseline {
  comparisonKey: string;
}

/** Decides in the transaction of a batch, once all of it is written. Returns the attempts that it pruned. */
export type Judge = (manager: EntityManager, accepted: readonly AttemptWork[]) => Promise<string[]>;

const nobody: Judge = () => Promise.resolve([]);

/**
 * Writes a batch of work in one transaction, behind the fence, and asks `judge` in it. Returns the attempts that the worker no longer
 * holds: those that the judge pruned now, whose work is written, and those that had ended before, of which nothing is written.
 */
export async function commitWork(
  dataSource: DataSource,
  work: readonly AttemptWork[],
  baselines: readonly BoardBaseline[] = [],
  judge: Judge = nobody,
): Promise<LostAttempts> {
  return dataSource.transaction(async (manager) => {
    const attemptIds = work.map(({ attemptId }) => attemptId);
    const live = await lockAttempts(manager, attemptIds);
    const accepted = work.filter(({ attemptId }) => live.has(attemptId));
    await appendCurves(manager, accepted);
    await appendObservations(manager, accepted);
    await reportAndFinish(manager, accepted);
    if (live.size > 0) await insertBaselines(manager, baselines);
    const pruned = await judge(manager, accepted);
    const lost = await lostAttempts(
      manager,
      attemptIds.filter((id) => !live.has(id)),
    );
    return { ...lost, pruned: [...lost.pruned, ...pruned] };
  });
}

async function insertBaselines(manager: EntityManager, baselines: readonly BoardBaseline[]): Promise<void> {
  for (const { comparisonKey, name, metrics } of baselines)
    await manager.query(
      `insert into baselines (comparison_key, name, metrics) values ($1, $2, $3) on conflict do nothing`,
      [comparisonKey, name, metrics],
    );
}
