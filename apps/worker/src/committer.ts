import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  commitWork,
  joinLost,
  lostIds,
  type Answer,
  renewLeases,
  type AttemptWork,
  type BoardBaseline,
  type LostAttempts,
  type SignOfLife,
} from '@unroll/database';
import { DataSource } from 'typeorm';
import type { GroupRun } from './group-run';
import { judge } from '@unroll/verdicts';
import { Backpressure } from './backpressure';
import { batchMilliseconds, reportMilliseconds } from './settings';
import { Spool, type Spooled } from './spool';

/** Milliseconds until a failed batch is tried again. */
const retryMilliseconds = 1000;

/**
 * Commits what trainers report, in batches of all that is pending: results at once, reports after a moment, or later where the database
 * is overloaded. While it is unavailable, batches wait on disk, in order; if the disk is full too, in memory, and the listener is told to
 * stop producing more.
 */
@Injectable()
export class Committer {
  private readonly logger = new Logger(Committer.name);
  private readonly runs = new Set<GroupRun>();
  /** Takes back the commit that is due, if any. */
  private unset: () => void = () => undefined;
  private due = Infinity;
  private committing: Promise<void> | undefined;
  private readonly pressure = new Backpressure();

  /** When everything pending was last committed. */
  private committedAt = -Infinity;
  /** When the leases were last renewed, by a commit or alone. */
  renewedAt = -Infinity;

  /** Milliseconds that reports and renewals wait at most for an overloaded database. */
  longestSpacing = reportMilliseconds;

  /** What each commit tells of the worker besides. */
  lifeSign: () => SignOfLife | undefined = () => undefined;
  /** Called with what the database was told of the worker, and its answer. */
  onTold: (life: SignOfLife, answer: Answer) => void = () => undefined;
  /** Called with the attempts that this worker no longer holds, and why. */
  onLost: (lost: LostAttempts) => void = () => undefined;
  /** Called with checkpoints that no row names any longer. */
  onSuperseded: (checkpoints: readonly string[]) => void = () => undefined;
  /** Called when neither the database nor the disk accepts more. */
  onFull: (reason: string) => void = () => undefined;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(Spool) private readonly spool: Spool,
  ) {}

  /** Runs whose attempts this worker holds: in training, or trained and not yet committed. */
  get held(): ReadonlySet<GroupRun> {
    return this.runs;
  }

  /** What waits on disk. */
  get spooled(): { batches: number; bytes: number } {
    return this.spool.waiting;
  }

  /** Nothing waits on disk. */
  get hasCommittedAll(): boolean {
    return this.spool.isEmpty;
  }

  /** Takes over what workers of this machine that died could not commit. */
  async start(): Promise<void> {
    const batches = await this.spool.adopt();
    if (batches === 0) return;
    this.logger.warn({ batches }, 'an earlier worker left results behind: committing them');
    this.commitWithin(0);
  }

  add(run: GroupRun): void {
    this.runs.add(run);
  }

  /** Milliseconds from one call that can wait to the next: `shortest` unless the database is overloaded. */
  spacing(shortest: number, longest = this.longestSpacing): number {
    return this.pressure.spacing(shortest, longest);
  }

  /** Commits reports of a run in a moment; where nothing is decided by them, at most once a second. */
  commitReports(run: GroupRun): void {
    const spacing = run.isJudged ? this.spacing(0, reportMilliseconds) : this.spacing(reportMilliseconds);
    const rest = this.committedAt + spacing - performance.now();
    this.commitWithin(Math.max(batchMilliseconds, rest));
  }

  /** Commits within `milliseconds`. */
  commitWithin(milliseconds: number): void {
    const at = performance.now() + milliseconds;
    if (at >= this.due) return;
    this.due = at;
    this.unset();
    const commit = (): void => void this.commit();
    if (milliseconds > 0) {
      const timer = setTimeout(commit, milliseconds);
      this.unset = () => clearTimeout(timer);
    } else {
      // A timer would wait for a millisecond.
      const immediate = setImmediate(commit);
      this.unset = () => clearImmediate(immediate);
    }
  }

  /** Milliseconds until what is pending is committed: 0 while it is, Infinity where nothing is. */
  get dueIn(): number {
    return this.committing ? 0 : this.due - performance.now();
  }

  /** Commits everything pending, and resolves when it is in the database or waits on disk. */
  async commit(): Promise<void> {
    this.unset();
    this.due = Infinity;
    while (this.committing) await this.committing;
    this.committing = this.commitOnce().finally(() => (this.committing = undefined));
    await this.committing;
  }

  private async commitOnce(): Promise<void> {
    const batches = [...this.runs].map((run) => ({ run, batch: run.take() }));
    const all = {
      work: batches.flatMap(({ batch }) => batch.work),
      baselines: batches.flatMap(({ batch }) => batch.baselines),
    };
    const putBack = (): void => batches.forEach(({ run, batch }) => run.putBack(batch));
    this.committedAt = performance.now();
    if (all.work.length === 0) putBack();
    else if (!this.spool.isEmpty || !(await this.land(all))) await this.keep(all, putBack);
    while (!this.spool.isEmpty) {
      const oldest = await this.spool.oldest();
      if (oldest && !(await this.land(oldest))) break;
      if (oldest) await this.spool.remove();
    }
    if (!this.spool.isEmpty) this.commitWithin(retryMilliseconds);
    for (const run of this.runs) if (run.held.length === 0) this.runs.delete(run);
  }

  /** Commits a batch. Returns false if the database is unavailable. */
  private async land({ work, baselines }: Spooled): Promise<boolean> {
    try {
      const own = new Set(work.map(({ attemptId }) => attemptId));
      const lost = this.stillHeld(await this.write(work, baselines), own);
      if (lostIds(lost).length > 0) this.onLost(lost);
      this.onSuperseded([...this.runs].flatMap((run) => run.committed(work, lost)));
      return true;
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not commit; trying again');
      return false;
    }
  }

  /** Renews the leases without a batch, and learns which attempts were pruned or cancelled. */
  async renew(): Promise<void> {
    const life = this.lifeSign();
    if (!life || (life.held.length === 0 && !life.worker)) return;
    const lost = await this.timed('renewal', () =>
      renewLeases(this.dataSource, life.held, life.leaseSeconds, life.worker),
    );
    this.told(life, lost);
    this.onLost(this.stillHeld(lost));
  }

  /** Notes how long a call of a kind takes. */
  private async timed<Result>(kind: string, call: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    let failed = true;
    try {
      const result = await call();
      failed = false;
      return result;
    } finally {
      this.pressure.record(kind, performance.now() - began, failed);
    }
  }

  private told(life: SignOfLife, answer: Answer): void {
    this.renewedAt = performance.now();
    this.onTold(life, answer);
  }

  /** Attempts that were renewed may have been released meanwhile; those of a batch are told in any case. */
  private stillHeld(lost: LostAttempts, batch: ReadonlySet<string> = new Set()): LostAttempts {
    const held = new Set([...this.runs].flatMap((run) => run.held));
    const matters = (id: string): boolean => held.has(id) || batch.has(id);
    const { pruned, cancelled, refused } = lost;
    return {
      pruned: pruned.filter(matters),
      cancelled: cancelled.filter(matters),
      refused: refused.filter(matters),
    };
  }

  private async keep(batch: Spooled, putBack: () => void): Promise<void> {
    try {
      await this.spool.append(batch);
    } catch (error) {
      putBack();
      this.onFull(error instanceof Error ? error.message : String(error));
      this.commitWithin(retryMilliseconds);
    }
  }

  /** Commits a batch. If the data of one attempt are refused, the others are committed all the same, and that one fails. */
  private async write(work: readonly AttemptWork[], baselines: readonly BoardBaseline[]): Promise<LostAttempts> {
    try {
      const life = this.lifeSign();
      const kind = work.some(({ judged = true }) => judged) ? 'judged' : 'report';
      const lost = await this.timed(kind, () => commitWork(this.dataSource, work, baselines, judge, life));
      if (life) this.told(life, lost);
      return lost;
    } catch (error) {
      if (!isDataError(error)) throw error;
      this.logger.error(
        { error: String(error) },
        'a batch was refused by the database; committing its attempts one by one',
      );
    }
    return joinLost(await Promise.all(work.map((own) => this.writeOne(own))));
  }

  private async writeOne(own: AttemptWork): Promise<LostAttempts> {
    try {
      return await commitWork(this.dataSource, [own], [], judge);
    } catch (error) {
      if (!isDataError(error)) throw error;
      const message = `its results could not be stored: ${String(error)}`;
      const end = { trialState: 'failed' as const, seconds: own.end?.seconds ?? 0, message, model: null };
      const bare = { ...own, curves: [], diagnostics: [], value: null, metrics: {}, updates: 0, sample: null, end };
      const lost = await commitWork(this.dataSource, [{ ...bare, checkpoint: undefined, rung: undefined }]);
      // Its trainer may still train it, and is told to stop.
      return own.end ? lost : joinLost([lost, { pruned: [], cancelled: [], refused: [own.attemptId] }]);
    }
  }
}

/** Whether the database refused the data themselves: PostgreSQL's classes 22 (data) and 23 (integrity), and 54 (limits). */
function isDataError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
