import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { completeSweeps, reapLostAttempts } from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { DataSource, type EntityManager } from 'typeorm';
import { issueTickets, proposeTrials } from './advance';
import { Leader } from './leader';

/** Milliseconds between two looks at all sweeps. */
const interval = 250;

export const leaseSecondsOfFleet = Symbol('LeaseSeconds');

/** Advances sweeps: one process of the fleet at a time does. Postgres is the truth; each look begins from its rows. */
@Injectable()
export class SchedulerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SchedulerService.name);
  private readonly leader: Leader;
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | undefined;
  private again = false;
  private stopping = false;
  /** When the present leadership began, by this process' own monotonic clock. */
  private ledSince: number | undefined;

  constructor(
    dataSource: DataSource,
    private readonly tickets: TicketQueue,
    @Inject(leaseSecondsOfFleet) private readonly leaseSeconds: number,
  ) {
    this.leader = new Leader(dataSource);
  }

  onApplicationBootstrap(): void {
    this.wake();
  }

  /** Looks now rather than at the next turn. */
  wake(): void {
    if (this.stopping) return;
    if (this.turn) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.turn = this.take().finally(() => {
      this.turn = undefined;
      if (this.stopping) return;
      const { again } = this;
      this.again = false;
      if (again) this.wake();
      else this.timer = setTimeout(() => this.wake(), interval);
    });
  }

  private async take(): Promise<void> {
    try {
      const manager = await this.leader.manager();
      if (!manager) {
        this.ledSince = undefined;
        return;
      }
      this.ledSince ??= performance.now();
      await this.advance(manager, this.ledSince);
    } catch (error) {
      this.ledSince = undefined;
      this.logger.error({ error: String(error) }, 'could not advance the sweeps; trying again');
      await this.leader.resign();
    }
  }

  private async advance(manager: EntityManager, ledSince: number): Promise<void> {
    // After an outage every lease looks expired: workers get a whole lease to renew before anything is taken from them.
    if (performance.now() - ledSince > this.leaseSeconds * 1000) await reapLostAttempts(manager);
    await proposeTrials(manager);
    await completeSweeps(manager);
    await issueTickets(manager, this.tickets).catch((error: unknown) =>
      this.logger.warn({ error: String(error) }, 'the queue is away; workers still look into PostgreSQL'),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.leader.resign();
  }
}
