import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { advisoryLocks, fleetFigures, type FleetFigures } from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { workerSeconds } from '../scheduler/advance';

/** The gauges of the fleet, by what they show. */
const gauges: Record<keyof FleetFigures, [name: string, help: string]> = {
  claimable: ['unroll_trials_claimable', 'Trials that a worker could claim now.'],
  running: ['unroll_trials_running', 'Trials that workers train.'],
  sweepsRunning: ['unroll_sweeps_running', 'Sweeps that run.'],
  leasesExpired: ['unroll_leases_expired', 'Running attempts whose lease has run out: their workers are silent.'],
  oldestWait: ['unroll_trials_oldest_wait_seconds', 'How long ago the oldest claimable trial was proposed.'],
  workers: ['unroll_workers', 'Workers seen in the last 30 seconds.'],
  slots: ['unroll_slots', 'Trainers of these workers.'],
  lanes: ['unroll_lanes', 'Trials that these workers can train side by side.'],
  leaders: ['unroll_leaders', 'Processes that hold the lock of the scheduler: 1, or 0 while another takes over.'],
  connections: ['unroll_database_connections', 'Connections to the database of the fleet.'],
};

/** Answers for the fleet when Prometheus asks: one statement, on what is open. Every API of a fleet gives the same figures. */
@Injectable()
export class FleetMetrics implements OnApplicationBootstrap {
  private readonly logger = new Logger(FleetMetrics.name);
  private asked: Promise<FleetFigures> | undefined;

  constructor(
    private readonly registry: Registry,
    private readonly dataSource: DataSource,
    private readonly tickets: TicketQueue,
  ) {}

  onApplicationBootstrap(): void {
    collectDefaultMetrics({ register: this.registry });
    for (const [key, [name, help]] of Object.entries(gauges))
      this.gauge(name, help, async () => (await this.figures())[key as keyof FleetFigures]);
    this.gauge('unroll_tickets_waiting', 'Tickets in the queue.', () => this.tickets.waiting());
  }

  /** A gauge that is read when it is asked for. Without an answer it has no value: a metric that is absent can be alerted on. */
  private gauge(name: string, help: string, read: () => Promise<number>): void {
    const { logger } = this;
    new Gauge({
      ...{ name, help, registers: [this.registry] },
      async collect() {
        try {
          this.set(await read());
        } catch (error) {
          this.remove();
          logger.warn({ error: String(error) }, `${name} could not be read`);
        }
      },
    });
  }

  /** The gauges of one scrape share a statement. */
  private figures(): Promise<FleetFigures> {
    this.asked ??= fleetFigures(this.dataSource, workerSeconds, advisoryLocks.lead).finally(
      () => (this.asked = undefined),
    );
    return this.asked;
  }
}
