import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ArtifactMissing } from '@unroll/artifacts';
import type { Ticket, TrialSpec } from '@unroll/contracts';
import { claimTrials, giveUpAttempts, modelArtifact, type Claim } from '@unroll/database';
import { DatasetError } from '@unroll/datasets';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Committer } from './committer';
import { DataCache } from './data-cache';
import { GroupRun } from './group-run';
import { workerSettings, type WorkerSettings } from './settings';
import { Slot } from './slot';
import type { FromTrainer } from './trainer/protocol';

/** Milliseconds until a trainer that died is started again. */
const restartMilliseconds = 500;
/** Milliseconds until attempts that could not be given up, since the database is away, are given up again. */
const retryMilliseconds = 1000;

interface Events {
  /** A slot became free and no work was found for it: tickets are welcome. */
  idle: [];
}

/** Fills this worker's slots with claims, and hears what becomes of them. */
@Injectable()
export class Dispatcher extends EventEmitter<Events> implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Dispatcher.name);
  readonly slots: readonly Slot[];
  private readonly claims = new Set<Promise<boolean>>();
  private stopping = false;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly committer: Committer,
    private readonly data: DataCache,
  ) {
    super();
    committer.onRefused = (attemptIds) => this.cancel(attemptIds);
    const listener = { heard: this.heard.bind(this), died: this.died.bind(this) };
    this.slots = Array.from(
      { length: settings.slots },
      () => new Slot(settings.engine, settings.artifactsUrl, listener),
    );
  }

  /** Starts the trainers. @throws EngineUnavailable */
  async start(): Promise<void> {
    await Promise.all(this.slots.map(({ trainer }) => trainer.start()));
  }

  get hasFreeSlot(): boolean {
    return !this.stopping && this.slots.some(({ free }) => free);
  }

  /** Claims work for one free slot, preferring what the hint names. Returns whether there was any. */
  async claim(hint?: Ticket): Promise<boolean> {
    const slot = this.stopping ? undefined : this.slots.find(({ free }) => free);
    if (!slot) return false;
    const claim = this.claimFor(slot, hint);
    this.claims.add(claim);
    return claim.finally(() => this.claims.delete(claim));
  }

  private async claimFor(slot: Slot, hint?: Ticket): Promise<boolean> {
    slot.claiming = true;
    try {
      const { id: workerId, host, lanes, leaseSeconds } = this.settings;
      const claimant = { workerId, host, engine: slot.trainer.engine, lanes, leaseSeconds };
      const claim = await claimTrials(this.dataSource, claimant, hint);
      if (!claim) return false;
      await this.begin(slot, claim);
      return true;
    } finally {
      slot.claiming = false;
    }
  }

  private async begin(slot: Slot, claim: Claim): Promise<void> {
    const run = new GroupRun(claim);
    this.committer.add(run);
    const { datasetFingerprint: fingerprint, spec } = claim.trials[0]!;
    try {
      const data = await this.data.place(spec.dataset.name, fingerprint);
      const start = await this.startOf(spec);
      // A worker that stops gives the claim back with all others.
      if (this.stopping) return;
      slot.begin(run);
      const lanes = claim.trials.map(({ attemptId, trialId, spec }) => ({ attemptId, trialId, spec }));
      if (slot.trainer.train({ type: 'train', groupId: claim.groupId, fingerprint, data, start, lanes })) return;
      slot.run = undefined;
      await this.giveUp(run, 'released', 'the trainer had ended before it began');
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Data that are wrong or gone are the trial's fault; a store that is away is nobody's, and may be back in a moment.
      const fatal = error instanceof DatasetError || error instanceof ArtifactMissing;
      if (!fatal) await sleep(retryMilliseconds);
      await this.giveUp(run, fatal ? 'failed' : 'released', message);
    }
  }

  /** The artifact of the model that a trial begins with. @throws ArtifactMissing where it is gone */
  private async startOf({ training: { start } }: TrialSpec): Promise<string | undefined> {
    if (start?.trial === undefined) return undefined;
    const artifact = await modelArtifact(this.dataSource, start.trial);
    if (artifact === undefined) throw new ArtifactMissing(`model of trial ${start.trial}, which training.start names`);
    return artifact;
  }

  private heard(run: GroupRun, message: FromTrainer): void {
    if (message.type === 'baseline') run.baseline(message);
    if (message.type === 'report') {
      run.report(message);
      this.committer.commitWithin();
    }
    if (message.type === 'outcome') {
      run.outcome(message);
      this.committer.commitWithin(5);
    }
    if (message.type !== 'done') return;
    this.committer.commitWithin(0);
    const { sweepId, signature } = run.claim;
    // The next claim goes on while the last results are committed.
    this.claim({ sweepId, signature })
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not claim'))
      .then((claimed) => claimed || this.emit('idle'))
      .catch(() => undefined);
  }

  private died(slot: Slot, run: GroupRun | undefined, reason: string): void {
    if (this.stopping) return;
    this.logger.error(reason);
    const after = run ? this.committer.commit().then(() => this.giveUp(run, 'failed', reason)) : Promise.resolve();
    after
      .then(() => sleep(restartMilliseconds))
      .then(async () => {
        if (!this.stopping) await slot.trainer.start();
      })
      .then(() => this.emit('idle'))
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not restart the trainer'));
  }

  /** Ends what has no result of a run. While the database is away it goes on asking: the leases are renewed till then. */
  private async giveUp(run: GroupRun, state: 'failed' | 'released', message: string): Promise<void> {
    for (;;) {
      try {
        const open = run.withoutResult;
        await this.dataSource.transaction((manager) => giveUpAttempts(manager, open, state, message));
        return run.drop(open);
      } catch (error) {
        if (this.stopping) throw error;
        this.logger.error({ error: String(error) }, 'could not give attempts up; trying again');
        await sleep(retryMilliseconds);
      }
    }
  }

  /** Cancels attempts that are no longer this worker's. */
  cancel(attemptIds: readonly string[]): void {
    for (const { run, trainer } of this.slots) {
      const ours =
        run?.claim.trials.flatMap(({ attemptId }) => (attemptIds.includes(attemptId) ? [attemptId] : [])) ?? [];
      if (ours.length > 0) trainer.cancel(ours);
    }
    for (const run of this.committer.held) run.drop(attemptIds);
  }

  /** Kills trainers that show no progress; their death does the rest. */
  killStalled(): void {
    for (const slot of this.slots) {
      if (!slot.stalled(this.settings.stallSeconds)) continue;
      this.logger.error(`a trainer showed no progress for ${this.settings.stallSeconds} s and is killed`);
      slot.trainer.kill();
    }
  }

  /** Commits what is there, gives the rest back to the fleet, and ends the trainers. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    try {
      await Promise.allSettled(this.claims);
      await this.committer.commit();
      for (const run of this.committer.held) await this.giveUp(run, 'released', 'the worker was shut down');
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not release; the leases will run out');
    }
    for (const { trainer } of this.slots) trainer.kill();
  }
}
