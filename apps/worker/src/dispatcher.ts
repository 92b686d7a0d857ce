import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ArtifactMissing, openArtifacts, type ArtifactStore } from '@unroll/artifacts';
import { endsAtRungs, type Drain, type Ticket } from '@unroll/contracts';
import { lostIds, type Account, type Claim, type GivenUp, type LostAttempts } from '@unroll/database';
import { DatasetError } from '@unroll/datasets';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Claims, toLane } from './claims';
import { Committer } from './committer';
import { DataCache } from './data-cache';
import { GroupRun } from './group-run';
import { LaneRefill } from './lane-refill';
import { drainSeconds, retryMilliseconds, settleMilliseconds, workerSettings, type WorkerSettings } from './settings';
import type { Slot } from './slot';
import { Slots } from './slots';
import { workerTrainers, type TrainerProcess } from './trainer-process';
import type { About, FromTrainer } from './trainer/protocol';

/** Milliseconds until a trainer that exited is restarted, doubled after each failed start. */
const restartMilliseconds = 500;
const longestRestart = 30_000;

interface Events {
  /** A slot is free and no work was found for it: tickets are welcome. */
  idle: [];
  /** A group ended, or its trainer exited. */
  freed: [];
}

/** Fills this worker's slots with claims and handles the messages of their trainers. */
@Injectable()
export class Dispatcher extends EventEmitter<Events> implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Dispatcher.name);
  readonly slots: Slots;
  private readonly store: ArtifactStore;
  private readonly lanes: LaneRefill;
  private stopping = false;
  private leaving: Drain | null = null;
  /** Resolves when everything is committed or released. */
  readonly stopped: Promise<void>;
  private onStopped: () => void = () => undefined;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly claims: Claims,
    private readonly committer: Committer,
    private readonly data: DataCache,
    @Inject(workerTrainers) trainers: readonly TrainerProcess[],
  ) {
    super();
    this.stopped = new Promise((resolve) => (this.onStopped = resolve));
    this.store = openArtifacts(settings.artifactsUrl);
    this.lanes = new LaneRefill(claims, committer);
    this.slots = new Slots(settings, trainers, {
      onMessage: this.onMessage.bind(this),
      onExit: this.onExit.bind(this),
    });
    committer.onLost = (lost) => this.dropLost(lost);
    committer.onSuperseded = (checkpoints) => this.remove(checkpoints);
    // Neither the database nor the disk takes more results: release what trains, to continue elsewhere or later.
    committer.onFull = (reason) => this.slots.killTraining({ state: 'released', message: reason });
  }

  /** Starts the trainers. @throws EngineUnavailable */
  start(): Promise<void> {
    return this.slots.start();
  }

  get hasFreeSlot(): boolean {
    return this.takesTrials && this.claims.allowance.free > 0 && this.slots.free !== undefined;
  }

  private get takesTrials(): boolean {
    return !this.stopping && this.leaving === null;
  }

  /** How somebody has asked this worker to leave; null: nobody has, or no longer. */
  get askedToLeave(): Drain | null {
    return this.leaving;
  }

  /** Takes no more trials until asked with null. */
  askToLeave(how: Drain | null): void {
    if (how === this.leaving) return;
    this.logger.log({ drain: how }, how === null ? 'takes trials again' : 'was asked to leave: takes no more trials');
    this.leaving = how;
    this.lanes.isPaused = how !== null;
    if (how === null) this.emit('idle');
  }

  /** No slot trains, or is about to. */
  get isIdle(): boolean {
    return this.slots.all.every(({ run, claiming }) => !run && !claiming);
  }

  /** Claims work for one free slot, preferring what the ticket names; `busy`: for whom it worked until now. Whether there was any. */
  async claim(ticket?: Ticket, busy?: Account): Promise<boolean> {
    const slot = this.takesTrials ? this.slots.free : undefined;
    if (!slot) return false;
    return this.claims.track(this.claimFor(slot, ticket, busy));
  }

  private async claimFor(slot: Slot, ticket?: Ticket, busy?: Account): Promise<boolean> {
    slot.claiming = true;
    try {
      const claim = await this.claims.claim(slot.trainer, ticket, busy);
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
      const data = await this.data.hold(slot, spec.dataset.name, fingerprint);
      const initFrom = await this.claims.initialModel(spec);
      const files = await this.data.holdNamed(slot, spec);
      // A worker that shuts down releases this claim with all others.
      if (this.stopping) return;
      slot.begin(run);
      const { groupId } = claim;
      const { checkpoints, slots: trainers, lanes: wanted } = this.settings;
      const lanes = claim.trials.map((trial) => toLane(trial, claim));
      const command = {
        groupId,
        fingerprint,
        data,
        initFrom,
        files,
        lanes,
        trainers,
        wanted,
        checkpoints,
      };
      if (slot.trainer.train({ type: 'train', ...command })) return;
      slot.run = undefined;
      await this.claims.release(run, { state: 'released', message: 'the trainer exited before the group started' });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Bad or missing data are the trial's fault; an unavailable store is not, and may be back in a moment.
      if (error instanceof DatasetError || error instanceof ArtifactMissing) return this.fail(run, message);
      await sleep(retryMilliseconds);
      await this.claims.release(run, { state: 'released', message });
    }
  }

  /** Ends all trials of a run that could not start. */
  private fail(run: GroupRun, message: string): void {
    const outcome = { state: 'failed', updates: 0, seconds: 0, stepsPerSecond: 0, message } as const;
    const { groupId } = run.claim;
    for (const attemptId of run.withoutResult)
      run.outcome({ type: 'outcome', groupId, attemptId, outcome, model: null });
    this.committer.commitWithin(0);
  }

  /** The device cannot hold the trials of a run: another worker takes them, or, where none can, they fail. */
  private async refuse(run: GroupRun, { needs, message }: About<'tooLarge'>): Promise<void> {
    try {
      if (!(await this.claims.leaveToOthers(run, needs, message))) this.fail(run, message);
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not release trials; their leases will expire');
    }
  }

  private onMessage(slot: Slot, run: GroupRun, message: FromTrainer): void {
    if ('attemptId' in message) run.acknowledge(message.attemptId);
    if (message.type === 'opened') {
      this.claims.capacity.estimated(run.claim.signature, message.lanes);
      // Lanes that end at a rung end together.
      run.mayGrow = message.evenBatches && !endsAtRungs(run.claim.stopping.rule);
      const tookAll = run.claim.trials.length < this.claims.capacity.standard;
      this.lanes.schedule(slot, run, tookAll ? settleMilliseconds : 0);
    }
    if (message.type === 'needs') this.claims.noteNeeds(run, message.needs);
    if (message.type === 'tooLarge') void this.claims.track(this.refuse(run, message));
    if (message.type === 'baseline') run.baseline(message);
    if (message.type === 'report') run.report(message);
    if (message.type === 'checkpoint') run.checkpoint(message);
    if (message.type === 'report' || message.type === 'checkpoint') this.committer.commitReports(run);
    if (message.type === 'report') this.lanes.schedule(slot, run, settleMilliseconds);
    if (message.type === 'outcome') {
      this.lanes.schedule(slot, run);
      run.outcome(message);
      // Lanes that end together are committed together.
      this.committer.commitWithin(run.withoutResult.length === 0 ? 0 : 5);
    }
    if (message.type === 'rung') run.reachRung(message);
    if (message.type === 'released') {
      const { attemptIds, state, message: why, alone, forget } = message;
      for (const id of attemptIds) run.acknowledge(id);
      this.releaseAfterCommit(run, { state, message: why, mostLanes: alone ? 1 : undefined, forget }, attemptIds);
    }
    if (message.type === 'done') this.onDone(slot, run);
  }

  private onDone(slot: Slot, run: GroupRun): void {
    // The results are on their way before the next claim, which the server then works on beside them.
    void this.committer.commit();
    this.emit('freed');
    run.end();
    this.data.release(slot);
    // The next claim does not wait for the last results to be committed.
    this.claims
      .track(this.next(slot, run))
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not claim trials'))
      .then((claimed) => claimed || this.emit('idle'))
      .catch(() => undefined);
  }

  /** Claims the slot's next group, once trials that joined the last one too late are released. Returns whether there was any. */
  private async next(slot: Slot, run: GroupRun): Promise<boolean> {
    slot.claiming = true;
    try {
      // At a rung, the next trials follow from what is committed.
      if (endsAtRungs(run.claim.stopping.rule)) await this.committer.commit();
      await run.growing;
      await this.lanes.releaseLate(run);
    } finally {
      slot.claiming = false;
    }
    const { sweepId, signature, account } = run.claim;
    return this.claim({ sweepId, signature }, account);
  }

  private onExit(slot: Slot, run: GroupRun | undefined, end: GivenUp): void {
    this.emit('freed');
    this.data.release(slot);
    if (this.stopping) return;
    this.logger.error({ log: end.log }, end.message);
    if (run && end.mostLanes !== undefined) this.claims.capacity.ranOut(run.claim.signature, end.mostLanes);
    if (run) this.releaseAfterCommit(run, end, run.withoutResult);
    void this.restart(slot);
  }

  /** Releases attempts once their reports are committed or spooled. */
  private releaseAfterCommit(run: GroupRun, end: GivenUp, attemptIds: readonly string[]): void {
    this.committer
      .commit()
      .then(() => this.claims.release(run, end, attemptIds))
      .then(() => this.emit('idle'))
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not release attempts'));
  }

  private async restart(slot: Slot): Promise<void> {
    for (let wait = restartMilliseconds; ; wait = Math.min(2 * wait, longestRestart)) {
      await sleep(wait, undefined, { ref: false });
      if (this.stopping || slot.trainer.pid !== undefined) return;
      try {
        await slot.trainer.start();
        this.emit('idle');
        return;
      } catch (error) {
        this.logger.error({ error: String(error) }, 'could not restart the trainer; retrying');
      }
    }
  }

  /** Stops training attempts that this worker no longer holds, and drops their work. */
  dropLost(lost: LostAttempts): void {
    const { pruned, cancelled, refused } = lost;
    if (pruned.length > 0) this.logger.log({ pruned }, 'attempts were pruned by their stopping rule');
    if (cancelled.length > 0) this.logger.log({ cancelled }, 'attempts were cancelled');
    if (refused.length > 0) this.logger.warn({ refused }, 'attempts are no longer held; late results were refused');
    this.slots.stop(lost);
    for (const run of this.committer.held) run.drop(lostIds(lost));
  }

  /** Removes checkpoints that no row names any longer; the scheduler later collects those that cannot be removed here. */
  private remove(checkpoints: readonly string[]): void {
    for (const name of checkpoints)
      this.store
        .remove(name)
        .catch((error: unknown) => this.logger.warn({ error: String(error) }, `could not remove ${name}`));
  }

  /** Commits what there is, releases the rest with fresh checkpoints, and ends the trainers. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    this.lanes.stop();
    try {
      await this.claims.settle();
      await this.drain();
      await this.committer.commit();
      for (const run of this.committer.held)
        await this.claims.release(run, { state: 'released', message: 'the worker was shut down' });
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not release the trials; their leases will expire');
    }
    this.slots.kill();
    this.onStopped();
  }

  /** Lets every group end with a checkpoint, as long as there is time. */
  private async drain(): Promise<void> {
    const deadline = AbortSignal.timeout(drainSeconds * 1000);
    this.slots.drain();
    while (!this.slots.areIdle && !deadline.aborted)
      await once(this, 'freed', { signal: deadline }).catch(() => undefined);
  }
}
