import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { SchemaMoved } from '@unroll/database';
import { ticketQueueName, type TicketJob } from '@unroll/queue';
import { Dispatcher } from './dispatcher';
import { pollSeconds } from './settings';

/** Consumes tickets while a slot is free. A ticket is acknowledged after its claim, not after the training. */
@Injectable()
@Processor(ticketQueueName, { autorun: false, concurrency: 1 })
export class TicketConsumer extends WorkerHost implements BeforeApplicationShutdown {
  private readonly logger = new Logger(TicketConsumer.name);
  private polling: NodeJS.Timeout | undefined;

  constructor(@Inject(Dispatcher) private readonly dispatcher: Dispatcher) {
    super();
  }

  start(): void {
    this.dispatcher.on('idle', () => this.dispatcher.hasFreeSlot && void this.worker.resume());
    this.polling = setInterval(() => void this.poll(), pollSeconds * 1000);
    this.worker
      .run()
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'the queue consumer ended'));
    void this.poll();
  }

  async process(job: TicketJob): Promise<void> {
    await this.dispatcher.claim(job.data);
    await this.pauseWhileBusy();
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.warn({ error: error.message }, 'the queue is unavailable; trials are still found in PostgreSQL');
  }

  /** An idle worker also polls PostgreSQL, so that a lost ticket costs only time. */
  private async poll(): Promise<void> {
    try {
      while (this.dispatcher.hasFreeSlot && (await this.dispatcher.claim())) await this.pauseWhileBusy();
    } catch (error) {
      if (error instanceof SchemaMoved) this.logger.error(error.message);
      else this.logger.warn({ error: String(error) }, 'PostgreSQL is unavailable');
    }
  }

  private async pauseWhileBusy(): Promise<void> {
    if (!this.dispatcher.hasFreeSlot) await this.worker.pause(true);
    // A slot may have become free between the check and the pause.
    if (this.dispatcher.hasFreeSlot) await this.worker.resume();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.polling);
    await this.worker.close(true);
  }
}
