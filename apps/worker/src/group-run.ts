import { parseAttemptId } from '@unroll/artifacts';
import type { Adopted, Claim, ClaimedTrial, AttemptWork, BoardBaseline, CurvePoints } from '@unroll/database';
import { noStanding, standingAfter, type Standing } from '@unroll/search';
import type { TrialOutcome } from '@unroll/contracts';
import type { FromTrainer } from './trainer/protocol';

interface Attempt {
  attemptId: string;
  trialId: string;
  standing: Standing;
  updates: number;
  sample: string | null;
  curves: Map<string, CurvePoints>;
  diagnostics: AttemptWork['diagnostics'];
  /** A checkpoint that is not yet committed, and the one that the row names. */
  checkpoint: AttemptWork['checkpoint'];
  named: string | undefined;
  updatesPerEpoch: number | undefined;
  rung: AttemptWork['rung'];
  end: AttemptWork['end'];
  /** Whether something is not yet committed. */
  dirty: boolean;
}

type About<Type extends FromTrainer['type']> = Extract<FromTrainer, { type: Type }>;

/** A claim in training: what its trainer has sent, until it is committed. */
export class GroupRun {
  private readonly attempts: Map<string, Attempt>;
  private baselines: BoardBaseline[] = [];
  /** Joined attempts that the trainer has not yet mentioned. */
  private readonly awaited = new Set<string>();
  /** Whether trials may join; false until the trainer has said so. */
  mayGrow = false;
  /** A scheduled claim of more trials, and one under way. */
  timer: NodeJS.Timeout | undefined;
  growing: Promise<void> | undefined;
  /** The trainer has ended the group. */
  isDone = false;
  /** No more trials are claimed before this time, since none were found. */
  restsUntil = 0;

  constructor(readonly claim: Claim) {
    this.attempts = new Map(claim.trials.map((trial) => [trial.attemptId, this.open(trial)]));
  }

  /** An attempt at its start, with the standing of the curves up to its checkpoint, if any. */
  private open({ attemptId, trialId, checkpoint }: ClaimedTrial): Attempt {
    const open = { checkpoint: undefined, updatesPerEpoch: undefined, rung: undefined, end: undefined };
    const none = { sample: null, curves: new Map(), diagnostics: [], ...open };
    const standing = checkpoint ? this.restoreStanding(checkpoint.curves, checkpoint.adopted) : noStanding;
    const [updates, named] = [checkpoint?.update ?? 0, checkpoint?.name];
    return { attemptId, trialId, standing, updates, named, dirty: checkpoint !== undefined, ...none };
  }

  /** The standing of a trial's own curves; after an exploit, of the copied metrics and what followed. */
  private restoreStanding(curves: readonly CurvePoints[], adopted: Adopted | null): Standing {
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

  /** The trainer has ended the group: no more trials join. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.mayGrow = false;
    this.isDone = true;
  }

  /** Adds trials that were claimed for its free lanes. */
  join(trials: readonly ClaimedTrial[]): void {
    this.claim.trials.push(...trials);
    for (const trial of trials) {
      this.attempts.set(trial.attemptId, this.open(trial));
      this.awaited.add(trial.attemptId);
    }
  }

  /** The trainer has mentioned an attempt, so it has joined. */
  acknowledge(attemptId: string): void {
    this.awaited.delete(attemptId);
  }

  /** Attempts that joined too late: the trainer ended the group without them. */
  get tooLate(): string[] {
    return this.withoutResult.filter((id) => this.awaited.has(id));
  }

  /** Attempts whose leases this worker must renew. */
  get held(): string[] {
    return [...this.attempts.keys()];
  }

  /** Attempts that have not ended: a result that waits to be committed must not be released. */
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

  /** A cancelled lane has no result: its row is already cancelled. */
  outcome({ attemptId, outcome, model }: About<'outcome'>): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    if (outcome.state === 'cancelled') return this.drop([attemptId]);
    attempt.updates = outcome.updates;
    const metrics = { ...attempt.standing.metrics, ...outcome.test, ...this.costs(outcome) };
    attempt.standing = { ...attempt.standing, metrics };
    const { state: trialState, seconds, message = null, snapshots } = outcome;
    attempt.end = { trialState, seconds, message, model, ...(snapshots ? { snapshots } : {}) };
    attempt.dirty = true;
  }

  /** Costs that are objectives of the sweep. */
  private costs({ state, parameters, updates, seconds }: TrialOutcome): Record<string, number> {
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

  /** Drops attempts that ended or no longer belong to this worker. */
  drop(attemptIds: readonly string[]): void {
    for (const id of attemptIds) this.attempts.delete(id);
  }

  /** Everything that waits to be committed. The caller commits it or puts it back. */
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
        diagnostics,
        ...(checkpoint ? { checkpoint } : {}),
        ...(rung ? { rung } : {}),
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

  /** The transaction failed: keep its work for the next one. */
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
   * Drops the attempts that a commit ended or refused. Returns the checkpoints that no row names any longer.
   */
  committed(work: readonly AttemptWork[], refused: readonly string[]): string[] {
    this.drop(refused);
    const superseded: string[] = [];
    for (const { attemptId, checkpoint, rung, end } of work) {
      const attempt = this.attempts.get(attemptId);
      if (!attempt) continue;
      if (attempt.named !== undefined && (end || rung || checkpoint)) superseded.push(attempt.named);
      if ((end || rung) && checkpoint) superseded.push(checkpoint.name);
      attempt.named = checkpoint?.name ?? attempt.named;
    }
    this.drop(work.filter(({ end, rung }) => end ?? rung).map(({ attemptId }) => attemptId));
    // Other trials may continue from a checkpoint at a rung: those of earlier attempts are left to the scheduler.
    const isPopulation = this.claim.stopping.rule === 'population';
    const ids = new Set(work.map(({ attemptId }) => attemptId));
    return superseded.filter((name) => !isPopulation || ids.has(parseAttemptId(name) ?? ''));
  }
}
