import { parseAttemptId } from '@unroll/artifacts';
import {
  lostIds,
  type Adopted,
  type AttemptWork,
  type BoardBaseline,
  type Claim,
  type ClaimedTrial,
  type CurvePoints,
  type LostAttempts,
} from '@unroll/database';
import { noStanding, standingAfter, type Standing } from '@unroll/search';
import { isExploiting, type TrialOutcome } from '@unroll/contracts';
import type { About } from './trainer/protocol';

interface Attempt {
  attemptId: string;
  trialId: string;
  standing: Standing;
  updates: number;
  /** Of the last report; null once it is committed. */
  sample: string | null;
  validationSeconds: number | undefined;
  curves: Map<string, CurvePoints>;
  diagnostics: AttemptWork['diagnostics'];
  /** A checkpoint that no row names yet, and the one that its row names. */
  checkpoint: AttemptWork['checkpoint'];
  named: string | undefined;
  updatesPerEpoch: number | undefined;
  rung: AttemptWork['rung'];
  end: AttemptWork['end'];
  /** Has something that is not yet committed. */
  dirty: boolean;
}

/** A claim while it is trained: what came in from the trainer, until it is committed. */
export class GroupRun {
  private readonly attempts: Map<string, Attempt>;
  private baselines: BoardBaseline[] = [];
  /** Joined attempts that the trainer has not yet spoken of. */
  private readonly awaited = new Set<string>();
  /** Whether trials may join it; not before the trainer has said so. */
  mayGrow = false;
  /** A question for more trials that waits for its time, and one that is on its way. */
  timer: NodeJS.Timeout | undefined;
  /** When that time comes, in milliseconds of this process. */
  refillsAt = Infinity;
  growing: Promise<void> | undefined;
  /** The trainer has ended it. */
  isDone = false;
  /** When it began, in milliseconds of this process. */
  readonly began = performance.now();
  /** When no more were found, and not asked again before. */
  restsUntil = 0;

  constructor(readonly claim: Claim) {
    this.attempts = new Map(claim.trials.map((trial) => [trial.attemptId, this.begun(trial)]));
  }

  /** An attempt at its start: at nothing, or with the standing of what its checkpoint has behind it. */
  private begun({ attemptId, trialId, checkpoint }: ClaimedTrial): Attempt {
    const open = { checkpoint: undefined, updatesPerEpoch: undefined, rung: undefined, end: undefined };
    const none = { sample: null, validationSeconds: undefined, curves: new Map(), diagnostics: [], ...open };
    const standing = checkpoint ? this.initialStanding(checkpoint.curves, checkpoint.adopted) : noStanding;
    const [updates, named] = [checkpoint?.update ?? 0, checkpoint?.name];
    return { attemptId, trialId, standing, updates, named, dirty: checkpoint !== undefined, ...none };
  }

  /** Of what it measured by itself, after what it took over. */
  private initialStanding(curves: readonly CurvePoints[], adopted: Adopted | null): Standing {
    const reports = new Map<number, Record<string, number>>();
    for (const { name, updates, values } of curves)
      updates.forEach((update, index) => reports.set(update, { ...reports.get(update), [name]: values[index]! }));
    for (const update of reports.keys()) if (adopted && update <= adopted.update) reports.delete(update);
    if (adopted) reports.set(adopted.update, adopted.metrics);
    return [...reports]
      .sort(([a], [b]) => a - b)
      .reduce(
        (standing, [update, metrics]) => standingAfter(this.claim.objective, standing, { update, metrics }),
        noStanding,
      );
  }

  /** Whether a stopping rule decides by its reports. */
  get isJudged(): boolean {
    return this.claim.stopping.rule !== 'none';
  }

  /** The trainer has ended it: nobody joins any more. */
  end(): void {
    clearTimeout(this.timer);
    this.refillsAt = Infinity;
    this.mayGrow = false;
    this.isDone = true;
  }

  /** Takes in trials that were claimed for its free lanes. */
  join(trials: readonly ClaimedTrial[]): void {
    this.claim.trials.push(...trials);
    for (const trial of trials) {
      this.attempts.set(trial.attemptId, this.begun(trial));
      this.awaited.add(trial.attemptId);
    }
  }

  /** The trainer spoke of an attempt: it is no longer on its way there. */
  acknowledge(attemptId: string): void {
    this.awaited.delete(attemptId);
  }

  /** Joined attempts that came too late: the trainer ended the group without them. */
  get tooLate(): string[] {
    return this.withoutResult.filter((id) => this.awaited.has(id));
  }

  /** Attempts whose lease this worker still has to hold. */
  get held(): string[] {
    return [...this.attempts.keys()];
  }

  /** Attempts that have not ended: a result that waits to be committed is not given up. */
  get withoutResult(): string[] {
    return [...this.attempts.values()].filter(({ end, rung }) => !end && !rung).map(({ attemptId }) => attemptId);
  }

  report({ attemptId, report }: About<'report'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    attempt.standing = standingAfter(this.claim.objective, attempt.standing, report);
    attempt.updates = report.update;
    attempt.updatesPerEpoch = report.updatesPerEpoch;
    attempt.sample = report.sample ?? attempt.sample;
    attempt.validationSeconds = report.validationSeconds;
    for (const [name, value] of Object.entries(report.metrics)) {
      const curve = attempt.curves.get(name) ?? { name, updates: [], values: [] };
      curve.updates.push(report.update);
      curve.values.push(value);
      attempt.curves.set(name, curve);
    }
    if (report.diagnostics) attempt.diagnostics.push({ update: report.update, figures: report.diagnostics });
    attempt.dirty = true;
  }

  checkpoint({ attemptId, name, update }: About<'checkpoint'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    attempt.checkpoint = { name, update };
    attempt.dirty = true;
  }

  /** Attempts have ended at a rung of their population. */
  reachRung({ lanes }: About<'rung'>): void {
    for (const { attemptId, checkpoint, update } of lanes) {
      const attempt = this.attempts.get(attemptId);
      if (attempt) Object.assign(attempt, { rung: { checkpoint, update }, dirty: true });
    }
  }

  /** A lane that was cancelled has no result: the row already says so. */
  outcome({ attemptId, outcome, model }: About<'outcome'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    if (outcome.state === 'cancelled') return this.drop([attemptId]);
    attempt.updates = outcome.updates;
    const metrics = { ...attempt.standing.metrics, ...outcome.test, ...this.costMetrics(outcome) };
    attempt.standing = { ...attempt.standing, metrics };
    const { state: trialState, seconds, validationSeconds, snapshots } = outcome;
    const message = outcome.message ?? this.whyWithoutValue(trialState, attempt.standing);
    attempt.end = { trialState, seconds, validationSeconds, message, model, ...(snapshots ? { snapshots } : {}) };
    attempt.dirty = true;
  }

  /** Why a trial that has completed is on no board; null if it is on one. */
  private whyWithoutValue(state: TrialOutcome['state'], { value }: Standing): string | null {
    if (state !== 'completed' || value !== null) return null;
    return `${this.claim.objective.metric} was not a number in every report: the trial has no value and no rank`;
  }

  /** What the sweep compares beside what reports measure. */
  private costMetrics({ state, parameters, updates, seconds }: TrialOutcome): Record<string, number> {
    if (state !== 'completed') return {};
    const costs = { 'cost.parameters': parameters, 'cost.updates': updates, 'cost.seconds': seconds };
    const named = (this.claim.objectives ?? []).map(({ metric }) => metric as string);
    return Object.fromEntries(
      Object.entries(costs).filter(
        (each): each is [string, number] => each[1] !== undefined && named.includes(each[0]),
      ),
    );
  }

  baseline({ baseline }: About<'baseline'>): void {
    this.baselines.push({ comparisonKey: this.claim.comparisonKey, ...baseline });
  }

  /** Forgets attempts: they ended without this worker. */
  drop(attemptIds: readonly string[]): void {
    for (const id of attemptIds) this.attempts.delete(id);
  }

  /** All that waits to be committed. The caller commits it, or puts it back. */
  take(): { work: AttemptWork[]; baselines: BoardBaseline[] } {
    const dirty = [...this.attempts.values()].filter((attempt) => attempt.dirty);
    const work = dirty.map(
      ({
        attemptId,
        trialId,
        standing,
        updates,
        updatesPerEpoch,
        sample,
        validationSeconds,
        curves,
        diagnostics,
        checkpoint,
        rung,
        end,
      }) => ({
        attemptId,
        trialId,
        curves: [...curves.values()],
        value: standing.value,
        metrics: standing.metrics,
        updates,
        updatesPerEpoch,
        sample,
        ...(validationSeconds === undefined ? {} : { validationSeconds }),
        diagnostics,
        judged: this.isJudged,
        ...(checkpoint ? { checkpoint } : {}),
        ...(rung ? { rung } : {}),
        ...(end ? { end } : {}),
      }),
    );
    for (const attempt of dirty) {
      attempt.curves = new Map();
      attempt.diagnostics = [];
      attempt.sample = null;
      attempt.checkpoint = undefined;
      attempt.dirty = false;
    }
    const { baselines } = this;
    this.baselines = [];
    return { work, baselines };
  }

  /** The transaction did not go through: keep it for the next one. */
  putBack({ work, baselines }: { work: AttemptWork[]; baselines: BoardBaseline[] }): void {
    this.baselines = [...baselines, ...this.baselines];
    for (const { attemptId, curves, diagnostics, sample, checkpoint } of work) {
      const attempt = this.attempts.get(attemptId);
      if (!attempt) continue;
      for (const curve of curves) {
        const later = attempt.curves.get(curve.name);
        const { name } = curve;
        attempt.curves.set(name, {
          name,
          updates: [...curve.updates, ...(later?.updates ?? [])],
          values: [...curve.values, ...(later?.values ?? [])],
        });
      }
      attempt.diagnostics = [...diagnostics, ...attempt.diagnostics];
      attempt.sample ??= sample;
      attempt.checkpoint ??= checkpoint;
      attempt.dirty = true;
    }
  }

  /**
   * After a commit: the attempts that ended, and those that were pruned, cancelled or refused, are no longer held. Returns the checkpoints
   * that no row names any longer.
   */
  committed(work: readonly AttemptWork[], lost: LostAttempts): string[] {
    this.drop(lostIds(lost));
    const superseded: string[] = [];
    for (const { attemptId, checkpoint, rung, end } of work) {
      const attempt = this.attempts.get(attemptId);
      if (!attempt) continue;
      if (attempt.named !== undefined && (end || rung || checkpoint)) superseded.push(attempt.named);
      if ((end || rung) && checkpoint) superseded.push(checkpoint.name);
      attempt.named = checkpoint?.name ?? attempt.named;
    }
    this.drop(work.filter(({ end, rung }) => end ?? rung).map(({ attemptId }) => attemptId));
    // Other trials may continue from a checkpoint at a rung: the scheduler deletes what an earlier attempt wrote.
    const mayBeCopied = isExploiting(this.claim.stopping.rule);
    const ids = new Set(work.map(({ attemptId }) => attemptId));
    return superseded.filter((name) => !mayBeCopied || ids.has(parseAttemptId(name) ?? ''));
  }
}
