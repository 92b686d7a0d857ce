import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { forgetWorker, type Answer, type SignOfLife, type Worker, type WorkerReport } from '@unroll/database';
import { totalmem } from 'node:os';
import { DataSource } from 'typeorm';
import { Claims } from './claims';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import {
  aliveSeconds,
  batchMilliseconds,
  longestSpacing,
  mostAge,
  renewSeconds,
  workerSettings,
  type WorkerSettings,
} from './settings';
import { UseHistory } from './use-history';

/** What of a worker is told as soon as it changes; its memory, speed and use are told now and then. */
const identity = ({ memoryUsed, stepsPerSecond, use: _, ...worker }: WorkerReport): string =>
  JSON.stringify({ ...worker, isBusy: stepsPerSecond !== null, knowsMemory: memoryUsed !== null });

/**
 * Renews this worker's leases, and learns from the answer which attempts were pruned or cancelled. Also reports the worker as alive, and
 * kills stalled trainers. Each commit does the same: where reports flow, nothing is left to do.
 */
@Injectable()
export class LeaseKeeper implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LeaseKeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private watching: NodeJS.Timeout | undefined;
  /** What the database was last told about the worker, and when. */
  private told = '';
  private toldAt = -Infinity;
  private readonly use = new UseHistory();

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly dispatcher: Dispatcher,
    private readonly committer: Committer,
  ) {}

  async start(): Promise<void> {
    this.committer.lifeSign = () => this.lifeSign();
    this.committer.longestSpacing = longestSpacing(this.settings.leaseSeconds);
    this.committer.onTold = (life, answer) => this.remember(life, answer);
    await this.committer.renew();
    this.schedule(this.interval);
    // A timer of its own: a renewal may hang on a database that does not answer.
    this.watching = setInterval(() => this.watch(), this.interval);
  }

  private schedule(milliseconds: number): void {
    this.timer = setTimeout(
      () => void this.tick().then((next) => this.timer && this.schedule(next)),
      Math.max(0, milliseconds),
    );
  }

  /** Milliseconds between two renewals. */
  private get interval(): number {
    return Math.min(renewSeconds, this.settings.leaseSeconds / 4) * 1000;
  }

  /** Renews the leases, unless a commit has just done so or is about to. Returns the milliseconds until it is due again. */
  private async tick(): Promise<number> {
    const spacing = (): number => this.committer.spacing(this.interval);
    const age = performance.now() - this.committer.renewedAt;
    if (age < spacing()) return spacing() - age;
    // A commit that hangs, or fails again and again, is not waited for longer than the leases allow.
    const patience = Math.min(this.interval, mostAge(this.settings.leaseSeconds) - age);
    const { dueIn } = this.committer;
    if (dueIn < patience) return Math.min(patience, Math.max(batchMilliseconds, dueIn));
    try {
      await this.committer.renew();
    } catch (error) {
      this.logger.warn({ error: String(error) }, 'could not renew the leases; retrying');
    }
    return spacing();
  }

  private lifeSign(): SignOfLife {
    const held = [...this.committer.held].flatMap((run) => run.held);
    const worker = this.describe();
    const age = performance.now() - this.toldAt;
    // Where calls are further apart than usual, one that comes earlier than needed is better than the next.
    const early = this.committer.spacing(this.interval) - this.interval;
    const isDue = age >= aliveSeconds * 1000 - early || (age >= this.interval && identity(worker) !== this.told);
    return { held, leaseSeconds: this.settings.leaseSeconds, worker: isDue ? worker : undefined };
  }

  private watch(): void {
    const { slots } = this.dispatcher;
    slots.killStalled();
    this.use.record(slots.all.filter(({ run }) => run).length / slots.all.length, performance.now());
  }

  private remember({ worker }: SignOfLife, { drain }: Answer): void {
    if (!worker) return;
    this.dispatcher.askToLeave(drain ?? null);
    this.told = identity(worker);
    this.toldAt = performance.now();
  }

  private describe(): WorkerReport {
    const { id, host, labels } = this.settings;
    const lanes = this.claims.capacity.highest;
    const trainers = this.dispatcher.slots.all.flatMap(({ trainer }) => trainer.pid ?? []);
    const { engine, device, memory: { memoryClass, room } = {} } = this.dispatcher.slots.all[0]!.trainer;
    const ofDevice = { memoryClass: memoryClass ?? null, room: room ?? null };
    const use = this.use.percents;
    return { id, host, pid: process.pid, trainers, engine, device, labels, lanes, use, ...ofDevice, ...this.load() };
  }

  /** Memory and speed of its trainers. No engine reports how much of its device is in use. */
  private load(): Pick<Worker, 'slots' | 'memoryUsed' | 'memoryTotal' | 'stepsPerSecond'> {
    const slots = this.dispatcher.slots.all;
    const rates = slots.flatMap(({ pace }) => pace.rate(performance.now()) ?? []);
    const held = slots.flatMap(({ memory }) => memory ?? []);
    const sum = (numbers: readonly number[]): number | null =>
      numbers.length === 0 ? null : numbers.reduce((total, number) => total + number, 0);
    return {
      slots: slots.length,
      memoryUsed: sum(held),
      memoryTotal: held.length === 0 ? null : totalmem(),
      stepsPerSecond: sum(rates),
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    // The leases are held until everything is committed or released.
    await this.dispatcher.stopped;
    clearInterval(this.watching);
    clearTimeout(this.timer);
    this.timer = undefined;
    await forgetWorker(this.dataSource, this.settings.id).catch(() => undefined);
  }
}
