import { Inject, Injectable, Logger } from '@nestjs/common';
import { ArtifactMissing } from '@unroll/artifacts';
import { endsAtRungs, isExploiting, storedTrial, type LaneNeeds, type Ticket, type TrialSpec } from '@unroll/contracts';
import {
  claimTrials,
  giveUpAttempts,
  isHeldByOther,
  joinGroup,
  modelArtifact,
  noteNeeds,
  Turns,
  type Account,
  type Claim,
  type Claimant,
  type ClaimedTrial,
  type GivenUp,
} from '@unroll/database';
import { nextRung, rungAfter, wholeStopping } from '@unroll/search';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { GroupRun } from './group-run';
import { LaneCapacity } from './lane-capacity';
import { WorkerTraces } from './worker-traces';
import { TrialAllowance } from './trial-allowance';
import { retryMilliseconds, standardLanes, workerSettings, type WorkerSettings } from './settings';
import type { Lane } from './trainer/protocol';
import type { TrainerProcess } from './trainer-process';

/** Signatures that a worker knows to be noted. */
const mostNoted = 1000;

/** With all options, also where it was stored by a version that had fewer. */
const completed = (trial: ClaimedTrial): ClaimedTrial => ({ ...trial, spec: storedTrial(trial.spec) });

/** The trainer that asks. */
type Asking = Pick<TrainerProcess, 'engine' | 'memory'>;

/** This worker's claims in the database: made, extended and released. */
@Injectable()
export class Claims {
  private readonly logger = new Logger(Claims.name);
  private readonly pending = new Set<Promise<unknown>>();
  readonly capacity: LaneCapacity;
  readonly allowance: TrialAllowance;
  /** Signatures whose needs it has told the database. */
  private readonly noted = new Set<string>();
  /** Claims take turns, so that a connection is left for commits and renewals. */
  private readonly turns = new Turns();
  /** The worker is shutting down: a release that fails is left to the leases. */
  private stopping = false;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly traces: WorkerTraces,
  ) {
    this.capacity = new LaneCapacity(standardLanes, settings.lanes);
    this.allowance = new TrialAllowance(settings.leave.trials);
  }

  /** Claims trials for a trainer, preferring those that the ticket names. `busy`: for whom the trainer has worked until now. */
  async claim(trainer: Asking, ticket?: Ticket, busy?: Account): Promise<Claim | undefined> {
    const found = await this.allowance.take(
      this.capacity.highest,
      (most) => this.turns.take(() => claimTrials(this.dataSource, this.claimant(trainer, most), ticket, busy)),
      (claim) => claim?.trials.length ?? 0,
    );
    return found && { ...found, trials: found.trials.map(completed) };
  }

  /** Claims up to `free` more trials for a group in training; none if it `yields` and its trainer is due to someone else. */
  async join(
    trainer: Asking,
    claim: Claim,
    { free, training, yields }: { free: number; training: readonly string[]; yields: boolean },
  ): Promise<ClaimedTrial[]> {
    const joined = await this.allowance.take(
      free,
      (most) =>
        this.turns.take(() =>
          joinGroup(this.dataSource, this.claimant(trainer), claim, Math.min(free, most), training, yields),
        ),
      (trials) => trials.length,
    );
    return joined?.map(completed) ?? [];
  }

  /** `most`: trials that it may take at once. */
  private claimant({ engine, memory }: Asking, most = Infinity): Claimant {
    const { id: workerId, host, labels, leaseSeconds, slots } = this.settings;
    const { standard, all } = this.capacity;
    const lanes = Math.min(standard, most);
    const lanesBySignature = Object.fromEntries(Object.entries(all).map(([key, own]) => [key, Math.min(own, most)]));
    const laneRoom = memory?.laneRoom === undefined ? undefined : memory.laneRoom / slots;
    return { workerId, host, engine, labels, lanes, lanesBySignature, leaseSeconds, ...memory, laneRoom };
  }

  /** The artifact of the model that a trial starts from, if any. @throws ArtifactMissing if it is gone */
  async initialModel({ training: { initFrom } }: TrialSpec): Promise<string | undefined> {
    if (initFrom?.trial === undefined) return undefined;
    const artifact = await modelArtifact(this.dataSource, initFrom.trial);
    if (artifact === undefined)
      throw new ArtifactMissing(`model of trial ${initFrom.trial}, which training.initFrom names`);
    return artifact;
  }

  /**
   * Releases the attempts of a run that have no result, or those of them in `attemptIds`. While the database is unavailable it retries; the
   * leases are renewed meanwhile.
   */
  async release(run: GroupRun, end: GivenUp, attemptIds?: readonly string[]): Promise<void> {
    for (;;) {
      try {
        const open = run.withoutResult.filter((id) => !attemptIds || attemptIds.includes(id));
        await this.dataSource.transaction((manager) => giveUpAttempts(manager, open, end));
        this.traces.released(open, end.message);
        return run.drop(open);
      } catch (error) {
        if (this.stopping) throw error;
        this.logger.error({ error: String(error) }, 'could not release attempts; retrying');
        await sleep(retryMilliseconds);
      }
    }
  }

  /** Runs another short query when no claim is being made, so that a connection is left for commits and renewals. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.turns.take(work);
  }

  /** Notes what a lane of a run takes of a device's memory: claims of others then go by it. */
  noteNeeds({ claim: { signature } }: GroupRun, needs: LaneNeeds): void {
    if (this.noted.has(signature)) return;
    if (this.noted.size >= mostNoted) this.noted.clear();
    this.noted.add(signature);
    noteNeeds(this.dataSource, signature, needs).catch((error: unknown) => {
      this.noted.delete(signature);
      this.logger.warn({ error: String(error) }, 'could not note what a signature takes of the memory');
    });
  }

  /**
   * This device cannot hold the trials of a run: they are released for a worker that can, if the fleet has one, or had within a day.
   * Returns whether they were.
   */
  async leaveToOthers(run: GroupRun, needs: LaneNeeds, message: string): Promise<boolean> {
    for (;;) {
      try {
        await noteNeeds(this.dataSource, run.claim.signature, needs);
        if (!(await isHeldByOther(this.dataSource, needs, this.settings.id))) return false;
        await this.release(run, { state: 'released', message: `${message}; another worker has more` });
        return true;
      } catch (error) {
        if (this.stopping) throw error;
        this.logger.error({ error: String(error) }, 'could not leave trials to another worker; retrying');
        await sleep(retryMilliseconds);
      }
    }
  }

  /** Registers work that `settle` waits for. */
  track<Result>(work: Promise<Result>): Promise<Result> {
    this.pending.add(work);
    return work.finally(() => this.pending.delete(work));
  }

  /** Waits for the claims under way; afterwards, releases no longer retry. */
  async settle(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.pending);
  }
}

/** The lane that trains a claimed trial. */
export function toLane(
  { attemptId, trialId, spec, checkpoint }: ClaimedTrial,
  { stopping }: Pick<Claim, 'stopping'>,
): Lane {
  const lane = { attemptId, trialId, spec, checkpoint: checkpoint?.name };
  if (!endsAtRungs(stopping.rule)) return lane;
  const [from, { reportEvery, updates = Infinity }] = [checkpoint?.update ?? 0, spec.training];
  if (!isExploiting(stopping.rule)) {
    const { update: until } = nextRung(wholeStopping(stopping), from, reportEvery);
    return until < updates ? { ...lane, until } : lane;
  }
  const { update: until } = rungAfter(wholeStopping(stopping), from, reportEvery);
  return { ...lane, until, exploits: checkpoint !== undefined && checkpoint.update === checkpoint.adopted?.update };
}
