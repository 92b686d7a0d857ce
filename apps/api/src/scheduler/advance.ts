import { ValidationError } from '@unroll/contracts';
import {
  claimableWork,
  failSweep,
  fleetLanes,
  insertTrials,
  unproposedSweeps,
  type NewTrial,
  type UnproposedSweep,
} from '@unroll/database';
import type { TicketQueue } from '@unroll/queue';
import { comparisonKey, countSeeds, firstSeeds, fusionSignature, toTrials, type Configuration } from '@unroll/search';
import type { EntityManager } from 'typeorm';
import { trialFingerprint } from '../datasets/trial-fingerprint';
import { learns, Searches } from './searches';

/** Pending trials per sweep that are proposed ahead of the fleet, and tickets that wait in the queue. */
export const proposalWindow = 256;
export const ticketWindow = 64;

/** Seconds without a sign of life after which a worker no longer counts. */
export const workerSeconds = 30;

/** The trials of a configuration, one per seed. */
function newTrials({ spec, datasets }: UnproposedSweep, configuration: Configuration): NewTrial[] {
  const datasetFingerprint = trialFingerprint(configuration.spec, datasets);
  const signature = fusionSignature(configuration.spec, datasetFingerprint);
  const key = comparisonKey(configuration.spec, datasetFingerprint);
  const first = configuration.number * countSeeds(spec);
  return toTrials(spec, configuration).map((trial, index) => ({
    ...trial,
    ...{ number: first + index, held: index >= firstSeeds(spec), datasetFingerprint, signature, comparisonKey: key },
  }));
}

/** Proposes trials for every running sweep that has too few pending. Returns how many were added. */
export async function proposeTrials(manager: EntityManager, searches = new Searches()): Promise<number> {
  let added = 0;
  for (const sweep of await unproposedSweeps(manager)) {
    try {
      added += learns(sweep.spec)
        ? await proposeLearned(manager, sweep, searches)
        : await proposeDrawn(manager, sweep, searches);
    } catch (error) {
      searches.forget(sweep.id);
      // A sweep whose space cannot be sampled must not hold up the others.
      if (!(error instanceof ValidationError)) throw error;
      await failSweep(manager, sweep.id, error.message);
    }
  }
  return added;
}

async function proposeDrawn(manager: EntityManager, sweep: UnproposedSweep, searches: Searches): Promise<number> {
  const seeds = countSeeds(sweep.spec);
  if (sweep.pending >= proposalWindow) return 0;
  const first = Math.floor(sweep.proposed / seeds);
  const count = Math.min(Math.ceil(proposalWindow / firstSeeds(sweep.spec)), sweep.total / seeds - first);
  const configurations = searches.drawn(sweep).propose(first, count);
  // An earlier run may have inserted some seeds of the first configuration.
  const trials = configurations
    .flatMap((each) => newTrials(sweep, each))
    .filter(({ number }) => number >= sweep.proposed);
  return (await insertTrials(manager, sweep.id, sweep.proposed, trials)) ? trials.length : 0;
}

async function proposeLearned(manager: EntityManager, sweep: UnproposedSweep, searches: Searches): Promise<number> {
  const next = await searches.next(manager, sweep, await fleetLanes(manager, workerSeconds));
  if (!next) return 0;
  const trials = next.configurations.flatMap((each) => newTrials(sweep, each));
  if (await insertTrials(manager, sweep.id, sweep.proposed, trials, next.log)) return trials.length;
  searches.forget(sweep.id);
  return 0;
}

/** Issues tickets for claimable trials, up to the window. Returns how many were issued. */
export async function issueTickets(manager: EntityManager, queue: TicketQueue): Promise<number> {
  const work = await claimableWork(manager, ticketWindow);
  const wanted = work.flatMap(({ sweepId, signature, trials }) =>
    Array.from({ length: trials }, () => ({ sweepId, signature })),
  );
  if (wanted.length === 0) return 0;
  const missing = Math.min(ticketWindow, wanted.length) - (await queue.waiting());
  if (missing <= 0) return 0;
  await queue.add(wanted.slice(0, missing));
  return missing;
}
