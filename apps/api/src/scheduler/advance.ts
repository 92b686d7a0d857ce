import {
  claimableWork,
  failSweep,
  insertTrials,
  unproposedSweeps,
  type NewTrial,
  type UnproposedSweep,
} from '@unroll/database';
import { builtInFingerprint, builtIns } from '@unroll/datasets';
import type { TicketQueue } from '@unroll/queue';
import { boardKey, fusionSignature, propose } from '@unroll/search';
import type { EntityManager } from 'typeorm';

/** Trials of a sweep that wait in rows ahead of the fleet, and tickets that wait in the queue. */
export const proposalWindow = 256;
export const ticketWindow = 64;

function newTrial({ spec, datasets }: UnproposedSweep, number: number): NewTrial {
  const proposal = propose(spec, number);
  const { dataset } = proposal.spec;
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  const datasetFingerprint = builtIn ? builtInFingerprint(builtIn, dataset) : datasets[dataset.name]!;
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
    const trials = drawn(sweep, count);
    if (typeof trials === 'string') await failSweep(manager, sweep.id, trials);
    else if (await insertTrials(manager, sweep.id, sweep.proposed, trials)) added += count;
  }
  return added;
}

/** The next trials of a sweep, or why there are none: one sweep that cannot be drawn from holds up no other. */
function drawn(sweep: UnproposedSweep, count: number): NewTrial[] | string {
  try {
    return Array.from({ length: count }, (_, index) => newTrial(sweep, sweep.proposed + index));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
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
