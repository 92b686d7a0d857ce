import { ValidationError } from '@unroll/contracts';
import {
  claimableWork,
  failSweep,
  insertTrials,
  unproposedSweeps,
  type NewTrial,
  type UnproposedSweep,
} from '@unroll/database';
import type { TicketQueue } from '@unroll/queue';
import { boardKey, fusionSignature, propose } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** Trials of a sweep that wait in rows ahead of the fleet, and tickets that wait in the queue. */
export const proposalWindow = 256;
export const ticketWindow = 64;

function newTrial({ spec, datasets }: UnproposedSweep, number: number): NewTrial {
  const proposal = propose(spec, number);
  const datasetFingerprint = datasets[proposal.spec.dataset.name]!;
  return {
    ...proposal,
    number,
    datasetFingerprint,
    signature: fusionSignature(proposal.spec, datasetFingerprint),
    board: boardKey(proposal.spec, datasetFingerprint),
  };
}

/** Gives every running sweep enough pending trials. Returns how many were added. */
export async function proposeTrials(manager: EntityManager): Promise<number> {
  let added = 0;
  for (const sweep of await unproposedSweeps(manager)) {
    if (sweep.pending >= proposalWindow) continue;
    const count = Math.min(proposalWindow, sweep.total - sweep.proposed);
    try {
      const trials = Array.from({ length: count }, (_, index) => newTrial(sweep, sweep.proposed + index));
      if (await insertTrials(manager, sweep.id, sweep.proposed, trials)) added += count;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      await failSweep(manager, sweep.id, error.message);
    }
  }
  return added;
}

/** Issues tickets for claimable trials, up to the window. Returns how many. */
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
