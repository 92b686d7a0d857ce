import type { Claim, AttemptWork, BoardBaseline, CurvePoints } from '@unroll/database';
import { noStanding, standingAfter, type Standing } from '@unroll/search';
import type { FromTrainer } from './trainer/protocol';

interface Attempt {
  attemptId: string;
  trialId: string;
  standing: Standing;
  updates: number;
  sample: string | null;
  curves: Map<string, CurvePoints>;
  diagnostics: AttemptWork['diagnostics'];
  end: AttemptWork['end'];
  /** Has something that is not yet committed. */
  dirty: boolean;
}

type About<Type extends FromTrainer['type']> = Extract<FromTrainer, { type: Type }>;

/** A claim while it is trained: what came in from the trainer, until it is committed. */
export class GroupRun {
  private readonly attempts: Map<string, Attempt>;
  private baselines: BoardBaseline[] = [];

  constructor(readonly claim: Claim) {
    this.attempts = new Map(
      claim.trials.map(({ attemptId, trialId }) => [
        attemptId,
        {
          attemptId,
          trialId,
          standing: noStanding,
          updates: 0,
          sample: null,
          curves: new Map(),
          diagnostics: [],
          end: undefined,
          dirty: false,
        },
      ]),
    );
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
    const work = dirty.map(({ attemptId, trialId, standing, updates, sample, curves, diagnostics, end }) => ({
      attemptId,
      trialId,
      curves: [...curves.values()],
      value: standing.value,
      metrics: standing.metrics,
      updates,
      sample,
      diagnostics,
      ...(end ? { end } : {}),
    }));
    for (const attempt of dirty) {
      attempt.curves = new Map();
      attempt.diagnostics = [];
      attempt.dirty = false;
    }
    const { baselines } = this;
    this.baselines = [];
    return { work, baselines };
  }

  /** The transaction did not go through: keep it for the next one. */
  putBack({ work, baselines }: { work: AttemptWork[]; baselines: BoardBaseline[] }): void {
    this.baselines = [...baselines, ...this.baselines];
    for (const { attemptId, curves, diagnostics } of work) {
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
      attempt.dirty = true;
    }
  }

  /** After a commit: the attempts that ended, and those that were refused, are no longer ours. */
  committed(work: readonly AttemptWork[], refused: readonly string[]): void {
    this.drop(refused);
    this.drop(work.filter(({ end }) => end).map(({ attemptId }) => attemptId));
  }
}
