import type { Ticket } from '@unroll/contracts';
import {
  claimableWork,
  failSweep,
  fleetLanes,
  insertTrials,
  unproposedSweeps,
  type LoggedProposal,
  type NewTrial,
  type UnproposedSweep,
  Turns,
} from '@unroll/database';
import type { TicketQueue } from '@unroll/queue';
import { countSeeds, firstSeeds } from '@unroll/search';
import type { Tracing } from '@unroll/tracing';
import type { EntityManager } from 'typeorm';
import { learns, type Searches } from './searches';

/** Pending trials per sweep that are proposed ahead of the fleet, and tickets that wait in the queue. */
export const proposalWindow = 256;
export const ticketWindow = 64;

/** Seconds without a sign of life after which a worker no longer counts. */
export const workerSeconds = 30;

/**
 * Proposes trials for every running sweep that has too few pending. Returns how many were added. `turns`: of those who share the
 * connection of `manager`, which is theirs while a thread computes.
 */
export async function proposeTrials(
  manager: EntityManager,
  searches: Searches,
  turns = new Turns(),
  tracing?: Tracing,
): Promise<number> {
  let added = 0;
  for (const sweep of await turns.take(() => unproposedSweeps(manager))) {
    const { id } = sweep;
    const from = Date.now();
    try {
      const next = await nextTrials(manager, searches, turns, sweep);
      if (!next) continue;
      const { trials, log } = next;
      if (await turns.take(() => insertTrials(manager, sweep, trials, log))) {
        added += trials.length;
        tracing?.did('propose trials', {
          sweepId: id,
          from,
          to: Date.now(),
          attributes: { 'unroll.trials': trials.length },
        });
      } else await searches.forget(id);
    } catch (error) {
      // A sweep that cannot get any trials must not hold up the others.
      const reason = await searches.abandon(id, error);
      if (reason !== undefined) await turns.take(() => failSweep(manager, id, reason));
    }
  }
  return added;
}

/** The next trials of a sweep, and the log entry of a search that learns; undefined while it has enough. */
async function nextTrials(
  manager: EntityManager,
  searches: Searches,
  turns: Turns,
  sweep: UnproposedSweep,
): Promise<{ trials: NewTrial[]; log?: LoggedProposal } | undefined> {
  if (learns(sweep.spec)) {
    const fleet = await turns.take(() => fleetLanes(manager, workerSeconds));
    return searches.learned(manager, turns, sweep, fleet);
  }
  if (sweep.pending >= proposalWindow) return undefined;
  const seeds = countSeeds(sweep.spec);
  const first = Math.floor(sweep.proposed / seeds);
  const count = Math.min(Math.ceil(proposalWindow / firstSeeds(sweep.spec)), sweep.total / seeds - first);
  return { trials: await searches.drawn(manager, turns, sweep, first, count) };
}

/**
 * Issues tickets for claimable trials, up to the window and to the trainers of the fleet: one claims as many trials as it has lanes, and
 * goes on without a ticket. Returns how many were issued, and whether nothing is left that a ticket would help. `turns`: of those who
 * share the connection of `manager`. `waiting`: how many wait in the queue, where that was asked meanwhile.
 */
export async function issueTickets(
  manager: EntityManager,
  queue: TicketQueue,
  { turns = new Turns(), waiting }: { turns?: Turns; waiting?: Promise<number> } = {},
): Promise<{ issued: number; all: boolean }> {
  const work = await turns.take(() => claimableWork(manager, ticketWindow, workerSeconds));
  const wanted = work.flatMap(({ sweepId, signature, trials }) =>
    Array.from({ length: trials }, () => ({ sweepId, signature })),
  );
  // A worker that has not said yet that it is alive looks by itself when it starts.
  const useful = Math.min(ticketWindow, work[0]?.trainers || ticketWindow);
  const all = wanted.length < ticketWindow || useful < ticketWindow;
  if (wanted.length === 0) return { issued: 0, all };
  const missing = Math.min(useful, wanted.length) - (await (waiting ?? queue.waiting()));
  if (missing <= 0) return { issued: 0, all };
  await queue.add(wanted.slice(0, missing));
  return { issued: missing, all };
}

/**
 * Tickets of sweeps that have just begun, unless the window is full. The trial that waits for one does not wait for a count too: each goes
 * by the count that followed the last one, so that of each process one may be too many. One that found the window full is asked for again,
 * since tickets have gone meanwhile.
 */
export class FirstTickets {
  private waiting: number | undefined;

  constructor(private readonly queue: Pick<TicketQueue, 'add' | 'waiting'>) {}

  async issue(ticket: Ticket): Promise<void> {
    const known = this.waiting ?? ticketWindow;
    this.waiting = undefined;
    const waiting = known < ticketWindow ? known : await this.queue.waiting();
    if (waiting < ticketWindow) await this.queue.add([ticket]);
    this.waiting = await this.queue.waiting();
  }
}
