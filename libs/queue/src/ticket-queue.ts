import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Ticket } from '@unroll/contracts';
import type { Job, Queue } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

/** The only queue. Its jobs are tickets: hints that trials can be claimed. */
export const ticketQueueName = 'tickets';

/** A ticket as a worker receives it. */
export type TicketJob = Job<Ticket, void>;

const ticketName = 'claim';
/** A ticket is never retried: retries of trials are the database's. */
const ticketOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/**
 * Tickets up to which a call for each costs less than one for all: on PostgreSQL, that one makes and drops two temporary tables, which
 * takes ten times as long as a ticket (BullMQ 6.7.0, add_jobs_bulk).
 */
const mostOneByOne = 8;

/** Milliseconds that the queue server has to answer: without a limit, a command waits until an unavailable server is back. */
const timeout = 3000;

function withTimeout<Result>(result: Promise<Result>): Promise<Result> {
  const expired = sleep(timeout, undefined, { ref: false }).then(() => {
    throw new Error(`no answer from the queue within ${timeout} ms`);
  });
  return Promise.race([result, expired]);
}

/** Adds tickets to the queue. Too many or too few cost time only. */
@Injectable()
export class TicketQueue implements BeforeApplicationShutdown {
  constructor(@InjectQueue(ticketQueueName) private readonly queue: Queue<Ticket, void>) {
    // The next call reconnects; without a listener, a connection error would crash the process.
    queue.on('error', () => undefined);
  }

  async add(tickets: readonly Ticket[]): Promise<void> {
    const all = tickets.map((data) => ({ name: ticketName, data, opts: ticketOptions }));
    const added =
      all.length <= mostOneByOne
        ? Promise.all(all.map(({ name, data, opts }) => this.queue.add(name, data, opts)))
        : this.queue.addBulk(all);
    await withTimeout<unknown>(added);
  }

  /** Number of tickets that wait for a worker. */
  waiting(): Promise<number> {
    return withTimeout(this.queue.getWaitingCount());
  }

  /** @throws Error if the queue server does not answer */
  async ping(): Promise<void> {
    await this.waiting();
  }

  /** If the server is unavailable, a graceful close would wait for it and keep the process from exiting. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.ping().catch(() => this.queue.backend.close(true));
  }
}
