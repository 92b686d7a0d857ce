import type { Claim, ClaimedTrial, AttemptWork, BoardBaseline, CurvePoints } from '@unroll/database';
import { noStanding, standingAfter, type Standing } from '@unroll/search';
import type { FromTrainer, TrainCommand } from './trainer/protocol';

interface Attempt {
  attemptId: string;
  trialId: string;
  standing: Standing;
  updates: number;
  sample: string | null;
  curves: Map<string, CurvePoints>;
  diagnostics: AttemptWork['diagnostics'];
  /** A checkpoint that no row names yet, and the one that its row names. */
  checkpoint: AttemptWork['checkpoint'];
  named: string | undefined;
  end: AttemptWork['end'];
  /** Has something that is not yet committed. */
  dirty: boolean;
}

type About<Type extends FromTrainer['type']> = Extract<FromTrainer, { type: Type }>;

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
  growing: Promise<void> | undefined;
  /** The trainer has ended it. */
  isDone = false;
  /** What the trainer was told of it, but for its lanes. */
  command: Omit<TrainCommand, 'lanes'> | undefined;
  /** When no more were found, and not asked again before. */
  restsUntil = 0;

  constructor(readonly claim: Claim) {
    this.attempts = new Map(claim.trials.map((trial) => [trial.attemptId, this.begun(trial)]));
  }

  /** An attempt at its start: at nothing, or with the standing of what its checkpoint has behind it. */
  private begun({ attemptId, trialId, resume }: ClaimedTrial): Attempt {
    const none = { sample: null, curves: new Map(), diagnostics: [], checkpoint: undefined, end: undefined };
    const standing = resume ? this.standingOf(resume.curves) : noStanding;
    const [updates, named] = [resume?.update ?? 0, resume?.checkpoint];
    return { attemptId, trialId, standing, updates, named, dirty: resume !== undefined, ...none };
  }

  private standingOf(curves: readonly CurvePoints[]): Standing {
    const reports = new Map<number, Record<string, number>>();
    for (const { name, updates, values } of curves)
      updates.forEach((update, index) => reports.set(update, { ...reports.get(update), [name]: values[index]! }));
    return [...reports]
      .sort(([a], [b]) => a - b)
      .reduce(
        (standing, [update, metrics]) => standingAfter(this.claim.objective, standing, { update, metrics }),
        noStanding,
      );
  }

  /** The trainer has ended it: nobody joins any more. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
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
  hearOf(attemptId: string): void {
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
    return [...this.attempts.values()].filter(({ end }) => !end).map(({ attemptId }) => attemptId);
  }

  report({ attemptId, report }: About<'report'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    attempt.standing = standingAfter(this.claim.objective, attempt.standing, report);
    attempt.updates = report.update;
    attempt.sample = report.sample ?? attempt.sample;
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

  /** A lane that was cancelled has no result: the row already says so. */
  outcome({ attemptId, outcome, checkpoint }: About<'outcome'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    if (outcome.state === 'cancelled') return this.drop([attemptId]);
    attempt.updates = outcome.updates;
    attempt.standing = { ...attempt.standing, metrics: { ...attempt.standing.metrics, ...outcome.test } };
    const { state: trialState, seconds, message = null, pictures } = outcome;
    attempt.end = { trialState, seconds, message, checkpoint, ...(pictures ? { pictures } : {}) };
    attempt.dirty = true;
  }

  baseline({ baseline }: About<'baseline'>): void {
    this.baselines.push({ board: this.claim.board, ...baseline });
  }

  /** Forgets attempts: they ended without this worker. */
  drop(attemptIds: readonly string[]): void {
    for (const id of attemptIds) this.attempts.delete(id);
  }

  /** All that waits to be committed. The caller commits it, or puts it back. */
  take(): { work: AttemptWork[]; baselines: BoardBaseline[] } {
    const dirty = [...this.attempts.values()].filter((attempt) => attempt.dirty);
    const work = dirty.map(
      ({ attemptId, trialId, standing, updates, sample, curves, diagnostics, checkpoint, end }) => ({
        attemptId,
        trialId,
        curves: [...curves.values()],
        value: standing.value,
        metrics: standing.metrics,
        updates,
        sample,
        diagnostics,
        ...(checkpoint ? { checkpoint } : {}),
        ...(end ? { end } : {}),
      }),
    );
    for (const attempt of dirty) {
      attempt.curves = new Map();
      attempt.diagnostics = [];
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
    for (const { attemptId, curves, diagnostics, checkpoint } of work) {
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
      attempt.checkpoint ??= checkpoint;
      attempt.dirty = true;
    }
  }

  /**
   * After a commit: the attempts that ended, and those that were refused, are no longer ours. Returns the checkpoints that no row
   * names any longer.
   */
  committed(work: readonly AttemptWork[], refused: readonly string[]): string[] {
    this.drop(refused);
    const superseded: string[] = [];
    for (const { attemptId, checkpoint, end } of work) {
      const attempt = this.attempts.get(attemptId);
      if (!attempt) continue;
      if (attempt.named !== undefined && (end || checkpoint)) superseded.push(attempt.named);
      if (end && checkpoint) superseded.push(checkpoint.name);
      attempt.named = checkpoint?.name ?? attempt.named;
    }
    this.drop(work.filter(({ end }) => end).map(({ attemptId }) => attemptId));
    return superseded;
  }
}
