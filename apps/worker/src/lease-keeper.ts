import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { forgetWorker, renewLeases, seeWorker, type Worker } from '@unroll/database';
import { totalmem } from 'node:os';
import { DataSource } from 'typeorm';
import { Claims } from './claims';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import { renewSeconds, workerSettings, type WorkerSettings } from './settings';

/**
 * Renews this worker's leases, and learns from the answer which attempts were pruned or cancelled. Also reports the worker as alive, and
 * kills stalled trainers.
 */
@Injectable()
export class LeaseKeeper implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LeaseKeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private watching: NodeJS.Timeout | undefined;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly dispatcher: Dispatcher,
    private readonly committer: Committer,
  ) {}

  async start(): Promise<void> {
    await this.reportAlive();
    this.schedule();
    // A timer of its own: a renewal may hang on a database that does not answer.
    this.watching = setInterval(() => this.dispatcher.slots.killStalled(), this.interval);
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.tick().finally(() => this.timer && this.schedule()), this.interval);
  }

  private get interval(): number {
    return Math.min(renewSeconds, this.settings.leaseSeconds / 4) * 1000;
  }

  private async tick(): Promise<void> {
    try {
      const held = [...this.committer.held].flatMap((run) => run.held);
      if (held.length > 0) {
        const lost = await renewLeases(this.dataSource, held, this.settings.leaseSeconds);
        const stillHeld = new Set([...this.committer.held].flatMap((run) => run.held));
        const isHeld = (id: string): boolean => stillHeld.has(id);
        const { pruned, cancelled, refused } = lost;
        this.dispatcher.dropLost({
          pruned: pruned.filter(isHeld),
          cancelled: cancelled.filter(isHeld),
          refused: refused.filter(isHeld),
        });
      }
      await this.reportAlive();
    } catch (error) {
      this.logger.warn({ error: String(error) }, 'could not renew the leases; retrying');
    }
  }

  private async reportAlive(): Promise<void> {
    const { id, host } = this.settings;
    const lanes = this.claims.capacity.highest;
    const trainers = this.dispatcher.slots.all.flatMap(({ trainer }) => trainer.pid ?? []);
    const { engine, device } = this.dispatcher.slots.all[0]!.trainer;
    const worker = { id, host, pid: process.pid, trainers, engine, device, lanes };
    await seeWorker(this.dataSource, { ...worker, ...this.load() });
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
