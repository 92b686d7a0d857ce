import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { ArtifactMissing, openArtifacts, type ArtifactStore } from '@unroll/artifacts';
import type { Ticket, TrialSpec } from '@unroll/contracts';
import {
  claimTrials,
  giveUpAttempts,
  joinGroup,
  lostIds,
  modelArtifact,
  type Claim,
  type Claimant,
  type ClaimedTrial,
  type GivenUp,
  type LostAttempts,
} from '@unroll/database';
import { DatasetError } from '@unroll/datasets';
import { rungAfter, wholeStopping } from '@unroll/search';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Committer } from './committer';
import { DataCache } from './data-cache';
import { GroupRun } from './group-run';
import { LaneCapacity } from './lane-capacity';
import {
  cancelSeconds,
  drainSeconds,
  gatherMilliseconds,
  refillMilliseconds,
  standardLanes,
  workerSettings,
  type WorkerSettings,
} from './settings';
import { Slot } from './slot';
import type { FromTrainer, Lane } from './trainer/protocol';

/** Milliseconds until a trainer that died is started again; longer after each start that failed. */
const restartMilliseconds = 500;
const longestRestart = 30_000;
/** Milliseconds until attempts that could not be given up, since the database is away, are given up again. */
const retryMilliseconds = 1000;

interface Events {
  /** A slot became free and no work was found for it: tickets are welcome. */
  idle: [];
  /** A group ended, or its trainer did. */
  freed: [];
}

/** Fills this worker's slots with claims, and hears what becomes of them. */
@Injectable()
export class Dispatcher extends EventEmitter<Events> implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Dispatcher.name);
  readonly slots: readonly Slot[];
  private readonly store: ArtifactStore;
  private readonly claims = new Set<Promise<unknown>>();
  readonly capacity: LaneCapacity;
  private stopping = false;
  /** Resolves when all is committed or given back. */
  readonly stopped: Promise<void>;
  private isStopped: () => void = () => undefined;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly committer: Committer,
    private readonly data: DataCache,
  ) {
    super();
    this.stopped = new Promise((resolve) => (this.isStopped = resolve));
    this.store = openArtifacts(settings.artifactsUrl);
    this.capacity = new LaneCapacity(standardLanes, settings.lanes);
    committer.onLost = (lost) => this.letGo(lost);
    committer.onSuperseded = (checkpoints) => this.remove(checkpoints);
    committer.onFull = (reason) => this.stopTraining(reason);
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
    return this.noted(this.claimFor(slot, hint));
  }

  /** A claim that a shutdown waits for. */
  private noted<Result>(claim: Promise<Result>): Promise<Result> {
    this.claims.add(claim);
    return claim.finally(() => this.claims.delete(claim));
  }

  private claimantOf({ trainer }: Slot): Claimant {
    const { id: workerId, host, leaseSeconds } = this.settings;
    const { standard: lanes, all: lanesOf } = this.capacity;
    return { workerId, host, engine: trainer.engine, lanes, lanesOf, leaseSeconds };
  }

  private async claimFor(slot: Slot, hint?: Ticket): Promise<boolean> {
    slot.claiming = true;
    try {
      const claim = await claimTrials(this.dataSource, this.claimantOf(slot), hint);
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
      const lanes = claim.trials.map((trial) => laneOf(trial, claim));
      const { checkpoints, slots: trainers, lanes: wanted } = this.settings;
      const { groupId } = claim;
      if (
        slot.trainer.train({ type: 'train', groupId, fingerprint, data, start, lanes, trainers, wanted, checkpoints })
      )
        return;
      slot.run = undefined;
      await this.giveUp(run, { state: 'released', message: 'the trainer had ended before it began' });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Data that are wrong or gone are the trial's fault; a store that is away is nobody's, and may be back in a moment.
      if (error instanceof DatasetError || error instanceof ArtifactMissing) {
        const outcome = { state: 'failed', updates: 0, seconds: 0, stepsPerSecond: 0, message } as const;
        for (const attemptId of run.withoutResult)
          run.outcome({ type: 'outcome', groupId: claim.groupId, attemptId, outcome, checkpoint: null });
        return this.committer.commitWithin(0);
      }
      await sleep(retryMilliseconds);
      await this.giveUp(run, { state: 'released', message });
    }
  }

  /** The artifact of the model that a trial begins with. @throws ArtifactMissing where it is gone */
  private async startOf({ training: { start } }: TrialSpec): Promise<string | undefined> {
    if (start?.trial === undefined) return undefined;
    const artifact = await modelArtifact(this.dataSource, start.trial);
    if (artifact === undefined) throw new ArtifactMissing(`model of trial ${start.trial}, which training.start names`);
    return artifact;
  }

  /**
   * Fills the free lanes of a group from its sweep, a moment from now: lanes that end together are filled at once. The group trains on meanwhile, and
   * nobody's numbers depend on when the others come.
   */
  private growSoon(slot: Slot, run: GroupRun, milliseconds = gatherMilliseconds): void {
    if (!run.mayGrow || run.timer || run.growing || performance.now() < run.restsUntil) return;
    run.timer = setTimeout(() => {
      run.timer = undefined;
      const growing = this.grow(slot, run)
        .catch((error: unknown) => this.logger.warn({ error: String(error) }, 'could not fill free lanes'))
        .finally(() => (run.growing = undefined));
      run.growing = this.noted(growing);
    }, milliseconds);
  }

  private async grow(slot: Slot, run: GroupRun): Promise<void> {
    const { signature, groupId, mostLanes } = run.claim;
    const lanes = Math.min(this.capacity.of(signature), mostLanes ?? Infinity);
    const training = run.withoutResult;
    const free = lanes - training.length;
    if (free < 1 || this.stopping || slot.run !== run) return;
    const trials = await joinGroup(this.dataSource, this.claimantOf(slot), run.claim, free, training);
    if (trials.length === 0) {
      run.restsUntil = performance.now() + refillMilliseconds;
      return;
    }
    run.join(trials);
    // All that it held may have been committed meanwhile, and the run forgotten.
    this.committer.add(run);
    if (slot.run === run)
      slot.trainer.join({ type: 'join', groupId, lanes: trials.map((trial) => laneOf(trial, run.claim)) });
    else if (!run.isDone) await this.giveUpLate(run);
  }

  /** Trials that were claimed for lanes of a group that is no more: they wait again, as if nothing had been. */
  private async giveUpLate(run: GroupRun): Promise<void> {
    const { tooLate } = run;
    if (tooLate.length > 0)
      await this.giveUp(run, { state: 'released', message: 'its group ended before it began' }, tooLate);
  }

  /** What a slot trains next, once trials that came too late for the group that ended wait again. Returns whether there was anything. */
  private async next(slot: Slot, run: GroupRun): Promise<boolean> {
    slot.claiming = true;
    try {
      // At a rung of a population what comes next follows from what is committed.
      if (run.claim.stopping.rule === 'population') await this.committer.commit();
      await run.growing;
      await this.giveUpLate(run);
    } finally {
      slot.claiming = false;
    }
    const { sweepId, signature } = run.claim;
    return this.claim({ sweepId, signature });
  }

  private heard(slot: Slot, run: GroupRun, message: FromTrainer): void {
    if ('attemptId' in message) run.hearOf(message.attemptId);
    if (message.type === 'opened') {
      this.capacity.estimated(run.claim.signature, message.lanes);
      // Lanes of a population end together, at their rung.
      run.mayGrow = message.evenBatches && run.claim.stopping.rule !== 'population';
      this.growSoon(slot, run, 0);
    }
    if (message.type === 'baseline') run.baseline(message);
    if (message.type === 'report') run.report(message);
    if (message.type === 'checkpoint') run.checkpoint(message);
    if (message.type === 'report' || message.type === 'checkpoint') this.committer.commitWithin();
    if (message.type === 'report' || message.type === 'outcome') this.growSoon(slot, run);
    if (message.type === 'outcome') {
      run.outcome(message);
      this.committer.commitWithin(5);
    }
    if (message.type === 'rung') run.cameToRung(message);
    if (message.type === 'gaveUp') {
      const { attemptIds, state, message: why, alone, forget } = message;
      for (const id of attemptIds) run.hearOf(id);
      this.afterCommit(run, { state, message: why, mostLanes: alone ? 1 : undefined, forget }, attemptIds);
    }
    if (message.type !== 'done') return;
    this.committer.commitWithin(0);
    this.emit('freed');
    run.end();
    // The next claim goes on while the last results are committed.
    this.noted(this.next(slot, run))
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not claim'))
      .then((claimed) => claimed || this.emit('idle'))
      .catch(() => undefined);
  }

  private died(slot: Slot, run: GroupRun | undefined, end: GivenUp): void {
    this.emit('freed');
    if (this.stopping) return;
    this.logger.error({ log: end.log }, end.message);
    if (run && end.mostLanes !== undefined) this.capacity.ranOut(run.claim.signature, end.mostLanes);
    if (run) this.afterCommit(run, end, run.withoutResult);
    void this.restart(slot);
  }

  /** Gives attempts up once what they reported is committed, or waits on the disk. */
  private afterCommit(run: GroupRun, end: GivenUp, attemptIds: readonly string[]): void {
    this.committer
      .commit()
      .then(() => this.giveUp(run, end, attemptIds))
      .then(() => this.emit('idle'))
      .catch((error: unknown) => this.logger.error({ error: String(error) }, 'could not give attempts up'));
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
        this.logger.error({ error: String(error) }, 'could not restart the trainer; trying again');
      }
    }
  }

  /** Ends what has no result of a run. While the database is away it goes on asking: the leases are renewed till then. */
  private async giveUp(run: GroupRun, end: GivenUp, attemptIds?: readonly string[]): Promise<void> {
    for (;;) {
      try {
        const open = run.withoutResult.filter((id) => !attemptIds || attemptIds.includes(id));
        await this.dataSource.transaction((manager) => giveUpAttempts(manager, open, end));
        return run.drop(open);
      } catch (error) {
        if (this.stopping) throw error;
        this.logger.error({ error: String(error) }, 'could not give attempts up; trying again');
        await sleep(retryMilliseconds);
      }
    }
  }

  /** Lets go of attempts that this worker no longer holds. A trainer that has no others and goes on with them is killed. */
  letGo(lost: LostAttempts): void {
    const { pruned, cancelled, refused } = lost;
    if (pruned.length > 0) this.logger.log({ pruned }, 'attempts were pruned by their stopping rule');
    if (cancelled.length > 0) this.logger.log({ cancelled }, 'attempts were cancelled');
    if (refused.length > 0)
      this.logger.warn({ refused }, 'attempts are no longer held; their late results are refused');
    for (const slot of this.slots) {
      const { run, trainer } = slot;
      if (!run) continue;
      const ownOf = (ids: readonly string[]): string[] =>
        run.claim.trials.flatMap(({ attemptId }) => (ids.includes(attemptId) ? [attemptId] : []));
      const [ended, others] = [ownOf(pruned), ownOf([...cancelled, ...refused])];
      if (ended.length > 0) trainer.prune(ended);
      if (others.length > 0) trainer.cancel(others);
      if (ended.length + others.length === 0) continue;
      setTimeout(() => {
        if (slot.run !== run || run.withoutResult.length > 0) return;
        slot.kill({ state: 'released', message: 'the trainer did not let go of pruned or cancelled lanes' });
      }, cancelSeconds * 1000).unref();
    }
    for (const run of this.committer.held) run.drop(lostIds(lost));
  }

  /** Kills trainers that show no progress; their death does the rest. */
  killStalled(): void {
    const { stallSeconds } = this.settings;
    const message = `the trainer showed no progress for ${stallSeconds} s and was killed`;
    for (const slot of this.slots) if (slot.stalled(stallSeconds)) slot.kill({ state: 'failed', message });
  }

  /** Neither database nor disk takes more results: what trains is given back, to go on elsewhere or later. */
  private stopTraining(reason: string): void {
    for (const slot of this.slots) if (slot.run) slot.kill({ state: 'released', message: reason });
  }

  /** Checkpoints that no row names any longer. What is not removed here the scheduler collects later. */
  private remove(checkpoints: readonly string[]): void {
    for (const name of checkpoints)
      this.store
        .remove(name)
        .catch((error: unknown) => this.logger.warn({ error: String(error) }, `could not remove ${name}`));
  }

  /** Commits what is there, gives the rest back to the fleet with fresh checkpoints, and ends the trainers. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    try {
      await Promise.allSettled(this.claims);
      await this.drain();
      await this.committer.commit();
      for (const run of this.committer.held)
        await this.giveUp(run, { state: 'released', message: 'the worker was shut down' });
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not release; the leases will run out');
    }
    for (const { trainer } of this.slots) trainer.kill();
    this.isStopped();
  }

  /** Lets every group end with a checkpoint, as long as there is time. */
  private async drain(): Promise<void> {
    const late = AbortSignal.timeout(drainSeconds * 1000);
    for (const { run, trainer } of this.slots) if (run) trainer.drain();
    while (this.slots.some(({ run }) => run) && !late.aborted)
      await once(this, 'freed', { signal: late }).catch(() => undefined);
  }
}

/** A claimed trial as its trainer is told of it. */
function laneOf({ attemptId, trialId, spec, checkpoint }: ClaimedTrial, { stopping }: Pick<Claim, 'stopping'>): Lane {
  const lane = { attemptId, trialId, spec, resume: checkpoint?.name };
  if (stopping.rule !== 'population') return lane;
  const { update: until } = rungAfter(wholeStopping(stopping), checkpoint?.update ?? 0, spec.training.reportEvery);
  return { ...lane, until, takesOver: checkpoint !== undefined && checkpoint.update === checkpoint.adopted?.update };
}
