import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import type { Ticket } from '@unroll/contracts';
import type { Job, Queue } from 'bullmq';

/** The one queue: its jobs are tickets, hints that there is work. */
export const ticketQueueName = 'tickets';

/** A ticket as a worker takes it from the queue. */
export type TicketJob = Job<Ticket, void>;

const ticketName = 'claim';
/** BullMQ never retries training: a ticket lives once, whatever becomes of the trials. */
const ticketOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;

/** Hands out tickets. Adding too many or too few changes nothing but time. */
@Injectable()
export class TicketQueue {
  constructor(@InjectQueue(ticketQueueName) private readonly queue: Queue<Ticket, void>) {
    // A server that is away is met again by the next call; without a listener the process would end.
    queue.on('error', () => undefined);
  }

  async add(tickets: readonly Ticket[]): Promise<void> {
    await this.queue.addBulk(tickets.map((data) => ({ name: ticketName, data, opts: ticketOptions })));
  }

  /** Tickets that wait for a worker. */
  waiting(): Promise<number> {
    return this.queue.getWaitingCount();
  }

  /** Whether the queue's server answers. */
  async ping(): Promise<void> {
    await this.queue.getWaitingCount();
  }
}
