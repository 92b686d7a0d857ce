import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { ArtifactStore } from '@unroll/artifacts';
import {
  completeSweeps,
  endOverspentSweeps,
  failOverspentSweeps,
  forgetChanges,
  reapLostAttempts,
} from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { DataSource, type EntityManager } from 'typeorm';
import { artifactStore } from '../artifacts/artifacts.provider';
import { issueTickets, proposeTrials } from './advance';
import { CheckpointCollector } from './collect';
import { Leader } from './leader';
import { Searches } from './searches';
import { Watch } from './watch';

/** Milliseconds between two looks at all sweeps. */
const interval = 250;
/** Seconds between two looks at what sweeps have used, and between two looks for checkpoints that nobody needs. */
const budgetSeconds = 1;
const collectSeconds = 600;
/** Seconds that changes are remembered for readers who come back. */
const rememberedSeconds = 3600;

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
  private readonly searches = new Searches();
  private readonly watch: Watch;
  private readonly collector: CheckpointCollector;
  private collecting = false;
  /** By the database's clock, in seconds. */
  private budgetsAt = 0;
  private collectedAt: number | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly tickets: TicketQueue,
    @Inject(leaseSecondsOfFleet) private readonly leaseSeconds: number,
    @Inject(artifactStore) store: ArtifactStore,
  ) {
    this.leader = new Leader(dataSource);
    this.watch = new Watch(leaseSeconds);
    this.collector = new CheckpointCollector(store);
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
      if (manager) await this.advance(manager);
      else this.watch.lost();
    } catch (error) {
      this.watch.lost();
      this.logger.error({ error: String(error) }, 'could not advance the sweeps; trying again');
      await this.leader.resign();
    }
  }

  private async advance(manager: EntityManager): Promise<void> {
    const [{ now }] = await manager.query<[{ now: number }]>(
      `select extract(epoch from clock_timestamp())::double precision as now`,
    );
    if (this.watch.seen(now)) await reapLostAttempts(manager, this.leaseSeconds);
    await failOverspentSweeps(manager);
    if (now - this.budgetsAt >= budgetSeconds) await endOverspentSweeps(manager);
    if (now - this.budgetsAt >= budgetSeconds) this.budgetsAt = now;
    await proposeTrials(manager, this.searches);
    await completeSweeps(manager);
    this.collectedAt ??= now;
    if (now - this.collectedAt >= collectSeconds) await forgetChanges(manager, rememberedSeconds);
    if (now - this.collectedAt >= collectSeconds) this.collect(now);
    await issueTickets(manager, this.tickets).catch((error: unknown) =>
      this.logger.warn({ error: String(error) }, 'the queue is away; workers still look into PostgreSQL'),
    );
  }

  /** Beside the turns: a store may be slow, and a leader must not be. What it removes no row names, so that it needs no fence. */
  private collect(now: number): void {
    this.collectedAt = now;
    if (this.collecting) return;
    this.collecting = true;
    this.collector
      .collect(this.dataSource.manager)
      .then((removed) => removed > 0 && this.logger.log({ removed }, 'removed checkpoints that nobody needs'))
      .catch((error: unknown) => this.logger.warn({ error: String(error) }, 'could not look for old checkpoints'))
      .finally(() => (this.collecting = false));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.turn;
    await this.leader.resign();
  }
}
