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
  endSatisfiedSweeps,
  Spreads,
  failOverspentSweeps,
  foldUsage,
  forgetAudit,
  forgetChanges,
  forgetDeliveries,
  forgetFleet,
  reapLostAttempts,
  rememberedSeconds,
  refreshReported,
  tellBests,
  thinSweeps,
  Turns,
} from '@unroll/database';
import { TicketQueue } from '@unroll/queue';
import { Tracing } from '@unroll/tracing';
import { DataSource, type EntityManager } from 'typeorm';
import { artifactStore } from '../artifacts/artifacts.provider';
import { SearchThreads } from '../search/search-threads';
import { FirstTickets, issueTickets, proposeTrials } from './advance';
import { ArtifactCollector } from './collect';
import { Leader } from './leader';
import { advanceSeeds } from './paired-tests';
import { Rounds } from './rounds';
import { Searches } from './searches';
import { Watch } from './watch';

/** Milliseconds between two runs of the scheduler. */
const interval = 250;
/** Seconds between two looks for lost leases, and between two refreshes of leaderboards, which take a 20th of the time at most. */
const reapSeconds = 1;
const refreshSeconds = 1;
const refreshShare = 20;
/** Seconds between two checks of the budgets of sweeps and of shares, and between two collections of unused artifacts. */
const budgetSeconds = 1;
const collectSeconds = 600;
/** Seconds that changes are kept for clients that reconnect. */
const keptChangesSeconds = 3600;

export const leaseSeconds = Symbol('LeaseSeconds');
/** PostgreSQL's own address, where the other one is a pooler's; null: the same. */
export const directUrl = Symbol('DirectUrl');
/** Days for which the audit is kept; null: for ever. */
export const auditDays = Symbol('AuditDays');
/** Days after which curves of a sweep that has ended are thinned; null: never. */
export const detailDays = Symbol('DetailDays');
/** Seconds after which use of the fleet counts half. */
export const shareHalfLife = Symbol('ShareHalfLife');

/** Advances sweeps, in one process of the fleet at a time. PostgreSQL is the only state: each run starts from its rows. */
@Injectable()
export class SchedulerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(SchedulerService.name);
  private readonly leader: Leader;
  private readonly rounds = new Rounds(
    () => this.run(),
    (error) => this.logger.error({ error: String(error) }, 'could not begin to advance the sweeps; retrying'),
  );
  /** The leader's connection, while this process leads. */
  private leading: EntityManager | undefined;
  private readonly searches: Searches;
  /** Whoever uses the leader's connection: a transaction must not contain the queries of another. */
  private readonly turns = new Turns();
  private proposing: Promise<void> | undefined;
  /** Whether it was woken while it proposed. */
  private wokenAgain = false;
  /** Whoever issues tickets: two at a time would issue them twice. The leader's connection is free while the queue answers. */
  private readonly issuing = new Turns();
  private readonly firstTickets: FirstTickets;
  /** When each claimable trial had a ticket, in milliseconds of this process. */
  private issuedAllAt = -Infinity;
  private readonly watch: Watch;
  private readonly collector: ArtifactCollector;
  private collecting = false;
  /** By the database's clock, in seconds. */
  private budgetsAt = 0;
  private reapedAt = 0;
  private refreshAt = 0;
  /** Where the refresh of leaderboards goes on: a transaction. */
  private reported = '0';
  /** What it has read of the values of sweeps with budget.patience: a memory that nothing depends on. */
  private spreads = new Spreads();
  private collectedAt: number | undefined;
  /** Whether old curves may be left that are to be thinned. */
  private thinning = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly tickets: TicketQueue,
    @Inject(leaseSeconds) private readonly lease: number,
    @Inject(artifactStore) store: ArtifactStore,
    threads: SearchThreads,
    @Inject(auditDays) private readonly auditDays: number | null,
    @Inject(detailDays) private readonly detailDays: number | null,
    @Inject(shareHalfLife) private readonly halfLife: number,
    private readonly tracing: Tracing,
    @Inject(directUrl) directUrl: string | null,
  ) {
    this.searches = new Searches(threads);
    this.firstTickets = new FirstTickets(tickets);
    this.leader = new Leader(dataSource, directUrl);
    this.watch = new Watch(lease);
    this.collector = new ArtifactCollector(store);
  }

  onApplicationBootstrap(): void {
    this.wake();
  }

  /** Proposes trials now, and issues tickets, rather than after the interval. The other steps can wait for it. */
  wake(): void {
    if (this.rounds.stopped) return;
    if (this.leading) this.proposeSoon(this.leading, true);
    else this.rounds.wake();
  }

  /**
   * A sweep has begun with trials: a ticket for a trainer leaves at once, whoever leads, unless enough of them wait. It counts like any
   * other; one that is lost or left out is issued in the next run.
   */
  begun(sweepId: string, signature: string): void {
    this.issuing
      .take(() => this.firstTickets.issue({ sweepId, signature }))
      .catch((error: unknown) => this.withoutQueue(error));
  }

  private async run(): Promise<number> {
    try {
      this.lead(await this.leader.manager());
      if (this.leading) {
        // A sweep that was just submitted comes first: while a thread draws its trials, the others advance.
        this.proposeSoon(this.leading, false);
        await this.advance(this.leading);
      }
    } catch (error) {
      this.lead(undefined);
      this.logger.error({ error: String(error) }, 'could not advance the sweeps; retrying');
      await this.turns.take(() => this.leader.resign());
    }
    return interval;
  }

  /**
   * Leads by this connection. Another one may be of a server that has crashed meanwhile: it may have lost what this had refreshed, and
   * gives numbers of lost transactions to new ones.
   */
  private lead(manager: EntityManager | undefined): void {
    if (manager === this.leading) return;
    this.leading = manager;
    this.reported = '0';
    this.spreads = new Spreads();
    this.watch.reset();
  }

  /** `woken`: something has changed, so that a proposal under way may not have seen it, and trials may wait for tickets. */
  private proposeSoon(manager: EntityManager, woken: boolean): void {
    this.wokenAgain ||= woken && this.proposing !== undefined;
    this.proposing ??= this.propose(manager, woken).finally(() => {
      this.proposing = undefined;
      const { wokenAgain, leading } = this;
      this.wokenAgain = false;
      if (wokenAgain && leading && !this.rounds.stopped) this.proposeSoon(leading, true);
    });
  }

  /** Each step takes its turn, so that proposals need not wait for all of them. */
  private async advance(manager: EntityManager): Promise<void> {
    const step = <Result>(work: () => Promise<Result>): Promise<Result> => this.turns.take(work);
    const [{ now }] = await step(() =>
      manager.query<[{ now: number }]>(`select extract(epoch from clock_timestamp())::double precision as now`),
    );
    if (this.watch.observe(now) && now - this.reapedAt >= Math.min(reapSeconds, this.lease / 8)) {
      await step(() => reapLostAttempts(manager, this.lease, now));
      this.reapedAt = now;
    }
    if (now >= this.refreshAt) await step(() => this.refresh(manager, now));
    await step(() => failOverspentSweeps(manager));
    if (now - this.budgetsAt >= budgetSeconds) {
      await step(() => endOverspentSweeps(manager));
      await step(() => endSatisfiedSweeps(manager, this.spreads));
      await step(() => foldUsage(manager, this.halfLife));
      await step(() => tellBests(manager));
      const days = this.detailDays;
      if (days !== null && this.thinning) this.thinning = await step(() => thinSweeps(manager, days));
      this.budgetsAt = now;
    }
    await step(() => advanceSeeds(manager));
    await step(() => completeSweeps(manager));
    this.collectedAt ??= now;
    if (now - this.collectedAt >= collectSeconds) {
      await step(() => forgetChanges(manager, keptChangesSeconds));
      await step(() => forgetDeliveries(manager));
      await step(() => forgetFleet(manager, rememberedSeconds));
      const days = this.auditDays;
      if (days !== null) await step(() => forgetAudit(manager, days));
      this.thinning = true;
      this.collect(now);
    }
    // A trial that was just proposed waits for the worker that reads its ticket: another would be in vain.
    if (performance.now() - this.issuedAllAt >= interval) await this.issueTickets(manager);
  }

  /** `waiting`: tickets in the queue, where that was asked meanwhile. */
  private async issueTickets(manager: EntityManager, waiting?: Promise<number>): Promise<void> {
    const { turns } = this;
    try {
      const { all } = await this.issuing.take(() => issueTickets(manager, this.tickets, { turns, waiting }));
      if (all) this.issuedAllAt = performance.now();
    } catch (error) {
      this.withoutQueue(error);
    }
  }

  private withoutQueue(error: unknown): void {
    this.logger.warn({ error: String(error) }, 'the queue is unavailable; workers still poll PostgreSQL');
  }

  /** Shows what running trials have reported, for all of them at once. */
  private async refresh(manager: EntityManager, now: number): Promise<void> {
    const began = performance.now();
    this.reported = await refreshReported(manager, this.reported);
    this.refreshAt = now + Math.max(refreshSeconds, (refreshShare * (performance.now() - began)) / 1000);
  }

  /** Runs beside the scheduler, which must not wait for a slow search: leases, budgets and the lock would. */
  private async propose(manager: EntityManager, woken: boolean): Promise<void> {
    try {
      if ((await proposeTrials(manager, this.searches, this.turns, this.tracing)) === 0 && !woken) return;
      const waiting = this.tickets.waiting();
      // Where it fails, the ticket's way says so.
      waiting.catch(() => undefined);
      await this.issueTickets(manager, waiting);
    } catch (error) {
      if (!this.rounds.stopped) this.logger.error({ error: String(error) }, 'could not propose trials; retrying');
    }
  }

  /** Runs beside the scheduler, which must not wait for a slow store. It removes only what no row names, so it needs no fence. */
  private collect(now: number): void {
    this.collectedAt = now;
    if (this.collecting) return;
    this.collecting = true;
    this.collector
      .collect(this.dataSource.manager)
      .then((removed) => removed > 0 && this.logger.log({ removed }, 'removed unused artifacts'))
      .catch((error: unknown) => this.logger.warn({ error: String(error) }, 'could not collect unused artifacts'))
      .finally(() => (this.collecting = false));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.rounds.stop();
    await this.proposing;
    await this.leader.close();
  }
}
