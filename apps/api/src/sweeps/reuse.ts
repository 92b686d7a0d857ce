import type { Objective, SweepSpec } from '@unroll/contracts';
import { completedTrials, proposePending, reuseTrials, type NewTrial } from '@unroll/database';
import { SweepSearch, trainingKey, type SweepSize } from '@unroll/search';
import { setImmediate } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { newTrials } from '../search/new-trials';
import { earlierSweeps, refusal, type EarlierSweep } from './earlier-sweeps';

/** Trials that are read, and configurations that are drawn, at a time: requests are answered in between. */
const page = 1000;
const batch = 32;

/** An earlier trial that was the same training as one of the grid. */
interface Source {
  trialId: string;
  sweep: EarlierSweep;
}

/** What a grid takes from earlier sweeps. */
export interface Reuse {
  /** The trials of every configuration of which some are reused: with all seeds, a configuration is whole from the start. */
  trials: NewTrial[];
  /** By number of the trial. */
  sources: Map<number, Source>;
  /** The first trials that will be trained. */
  trained: NewTrial[];
  /** How many are reused, in words. */
  text: string;
}

/**
 * The trials of a grid that the sweeps in `search.from` have completed: the same data, specification and seed; undefined if it names none.
 * @throws ValidationError for a sweep that does not exist, has another objective, or has completed no trial of the grid
 */
export async function findReused(
  dataSource: DataSource,
  caller: Caller,
  sweep: { teamId: string; spec: SweepSpec; datasets: Record<string, string>; objective: Objective },
  size: SweepSize,
  shown: number,
): Promise<Reuse | undefined> {
  const { spec, objective } = sweep;
  if (!spec.search.from?.length) return undefined;
  const { earlier, byKey } = await earlierTrainings(dataSource, caller, spec, objective);
  const reuse: Omit<Reuse, 'text'> = { trials: [], sources: new Map(), trained: [] };
  const matched = new Set<EarlierSweep>();
  const search = new SweepSearch(spec);
  for (let first = 0; first < size.configurations; first += batch) {
    for (const configuration of search.propose(first, Math.min(batch, size.configurations - first))) {
      const trials = newTrials(sweep, configuration);
      for (const trial of trials) {
        const found = byKey.get(trainingKey(trial.spec, trial.datasetFingerprint)) ?? [];
        for (const each of found) matched.add(each.sweep);
        if (found[0]) reuse.sources.set(trial.number, found[0]);
        else if (reuse.trained.length < shown) reuse.trained.push(trial);
      }
      if (trials.some(({ number }) => reuse.sources.has(number))) reuse.trials.push(...trials);
    }
    await setImmediate();
  }
  for (const each of earlier)
    if (!matched.has(each)) throw refusal(each.path, `sweep ${each.id} has completed no trial of this grid`);
  return { ...reuse, text: inText(reuse.sources, size.trials) };
}

/** All completed trials of the earlier sweeps, by what was trained, read from one snapshot. */
async function earlierTrainings(
  dataSource: DataSource,
  caller: Caller,
  spec: SweepSpec,
  objective: Objective,
): Promise<{ earlier: EarlierSweep[]; byKey: Map<string, Source[]> }> {
  return dataSource.transaction('REPEATABLE READ', async (manager) => {
    const earlier = await earlierSweeps(manager, caller, spec, objective);
    const byKey = new Map<string, Source[]>();
    for (const sweep of earlier) {
      const { use } = sweep.objective;
      if (use !== objective.use)
        throw refusal(sweep.path, `sweep ${sweep.id} uses the ${use} report of a trial, not the ${objective.use}`);
      let trials = await completedTrials(manager, sweep.id, -1, page);
      while (trials.length > 0) {
        for (const { id: trialId, spec: own, datasetFingerprint } of trials) {
          const key = trainingKey(own, datasetFingerprint);
          byKey.set(key, [...(byKey.get(key) ?? []), { trialId, sweep }]);
        }
        trials = await completedTrials(manager, sweep.id, trials.at(-1)!.number, page);
      }
    }
    return { earlier, byKey };
  });
}

function inText(sources: Reuse['sources'], total: number): string {
  const counts = new Map<string, number>();
  for (const { sweep } of sources.values()) counts.set(sweep.id, (counts.get(sweep.id) ?? 0) + 1);
  const start = `${sources.size} of ${total} trials are reused`;
  if (counts.size === 1) return `${start} from sweep ${[...counts.keys()][0]}`;
  return `${start}: ${[...counts].map(([id, count]) => `${count} from sweep ${id}`).join(', ')}`;
}

/**
 * Inserts the trials of a new sweep that are reused, in the transaction that creates it.
 * @throws ValidationError for a sweep that was deleted since they were found
 */
export async function insertReused(manager: EntityManager, sweepId: string, reuse: Reuse): Promise<void> {
  await proposePending(manager, sweepId, reuse.trials);
  const wanted = [...reuse.sources].map(([number, { trialId }]) => ({ number, source: trialId }));
  const missing = new Set(await reuseTrials(manager, sweepId, wanted));
  const deleted = [...reuse.sources.values()].find(({ trialId }) => missing.has(trialId));
  if (deleted) throw refusal(deleted.sweep.path, `no sweep ${deleted.sweep.id}`);
}
