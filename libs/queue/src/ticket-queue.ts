import { InjectQueue } from '@nestjs/bullmq';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Ticket } from '@unroll/contracts';
import type { Job, Queue } from 'bullmq';
import { setTimeout as sleep } from 'node:timers/promises';

/** The one queue: its jobs are tickets, hints that there is work. */
export const ticketQueueName = 'tickets';

/** A ticket as a worker takes it from the queue. */
export type TicketJob = Job<Ticket, void>;

const ticketName = 'claim';
/** BullMQ never retries training: a ticket lives once, whatever becomes of the trials. */
const ticketOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Milliseconds that the queue's server has to answer: a command to a server that is away would wait for its return. */
const patience = 3000;

function answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = sleep(patience, undefined, { ref: false }).then(() => {
    throw new Error(`no answer from the queue in ${patience} ms`);
  });
  return Promise.race([answer, late]);
}

/** Hands out tickets. Adding too many or too few changes nothing but time. */
@Injectable()
export class TicketQueue implements BeforeApplicationShutdown {
  constructor(@InjectQueue(ticketQueueName) private readonly queue: Queue<Ticket, void>) {
    // A server that is away is met again by the next call; without a listener the process would end.
    queue.on('error', () => undefined);
  }

  async add(tickets: readonly Ticket[]): Promise<void> {
    await answered(this.queue.addBulk(tickets.map((data) => ({ name: ticketName, data, opts: ticketOptions }))));
  }

  /** Tickets that wait for a worker. */
  waiting(): Promise<number> {
    return answered(this.queue.getWaitingCount());
  }

  /** Whether the queue's server answers. */
  async ping(): Promise<void> {
    await this.waiting();
  }

  /** A polite farewell to a server that is away would wait for its return, and keep the process from ending. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.ping().catch(() => this.queue.backend.close(true));
  }
}
