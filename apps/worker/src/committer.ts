import { Inject, Injectable, Logger } from '@nestjs/common';
import { commitWork, type AttemptWork, type BoardBaseline } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { GroupRun } from './group-run';
import { judge } from './judge';
import { batchMilliseconds, retryMilliseconds } from './settings';
import { Spool, type Spooled } from './spool';

/**
 * Commits what trainers report in batches: results at once, reports after a moment. While the database is unavailable, batches wait in the
 * spool, in order; if that is full they wait in memory, and `onFull` is called to stop the training.
 */
@Injectable()
export class Committer {
  private readonly logger = new Logger(Committer.name);
  private readonly runs = new Set<GroupRun>();
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private committing: Promise<void> | undefined;

  /** Called with the attempts that the fence refused: they no longer belong to this worker. */
  onRefused: (attemptIds: readonly string[]) => void = () => undefined;
  /** Called with checkpoints that no row names any longer. */
  onSuperseded: (checkpoints: readonly string[]) => void = () => undefined;
  /** Called when neither the database nor the disk accepts more. */
  onFull: (reason: string) => void = () => undefined;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(Spool) private readonly spool: Spool,
  ) {}

  /** Runs whose attempts this worker holds: in training, or not yet committed. */
  get held(): ReadonlySet<GroupRun> {
    return this.runs;
  }

  /** Adopts what crashed workers of this machine could not commit. */
  async start(): Promise<void> {
    const batches = await this.spool.adopt();
    if (batches === 0) return;
    this.logger.warn({ batches }, 'committing results that an earlier worker left behind');
    this.commitWithin(0);
  }

  add(run: GroupRun): void {
    this.runs.add(run);
  }

  /** Schedules a commit within `milliseconds`. */
  commitWithin(milliseconds: number = batchMilliseconds): void {
    const at = performance.now() + milliseconds;
    if (at >= this.due) return;
    this.due = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.commit(), milliseconds);
  }

  /** Commits everything. Resolves when it is in the database or in the spool. */
  async commit(): Promise<void> {
    clearTimeout(this.timer);
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
    if (all.work.length === 0) putBack();
    else if (!this.spool.isEmpty || !(await this.commitBatch(all))) await this.store(all, putBack);
    while (!this.spool.isEmpty) {
      const oldest = await this.spool.oldest();
      if (oldest && !(await this.commitBatch(oldest))) break;
      if (oldest) await this.spool.remove();
    }
    if (!this.spool.isEmpty) this.commitWithin(retryMilliseconds);
    for (const run of this.runs) if (run.held.length === 0) this.runs.delete(run);
  }

  /** Commits a batch. Returns false if the database is unavailable. */
  private async commitBatch({ work, baselines }: Spooled): Promise<boolean> {
    try {
      const stopped: string[] = [];
      const refused = await this.write(work, baselines, stopped);
      this.stop(stopped);
      this.onSuperseded([...this.runs].flatMap((run) => run.committed(work, refused)));
      if (refused.length === 0) return true;
      this.onRefused(refused);
      this.logger.warn({ refused }, 'late results were refused: the attempts no longer belong to this worker');
      return true;
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not commit; retrying');
      return false;
    }
  }

  /** A stopping rule has pruned these attempts in the database: their lanes are released. */
  private stop(attemptIds: readonly string[]): void {
    if (attemptIds.length === 0) return;
    this.onRefused(attemptIds);
    for (const run of this.runs) run.drop(attemptIds);
  }

  private async store(batch: Spooled, putBack: () => void): Promise<void> {
    try {
      await this.spool.append(batch);
    } catch (error) {
      putBack();
      this.onFull(error instanceof Error ? error.message : String(error));
      this.commitWithin(retryMilliseconds);
    }
  }

  /** Commits a batch. If the data of one attempt are invalid, the others are committed anyway, and that one fails. */
  private async write(
    work: readonly AttemptWork[],
    baselines: readonly BoardBaseline[],
    stopped: string[],
  ): Promise<string[]> {
    try {
      return await commitWork(this.dataSource, work, baselines, judge(stopped));
    } catch (error) {
      if (!isDataError(error)) throw error;
      this.logger.error({ error: String(error) }, 'the database refused a batch; committing its attempts one by one');
    }
    // Verdicts of a transaction that was rolled back do not count.
    stopped.length = 0;
    const refused = await Promise.all(work.map((own) => this.writeOne(own, stopped)));
    return refused.flat();
  }

  private async writeOne(own: AttemptWork, stopped: string[]): Promise<string[]> {
    try {
      return await commitWork(this.dataSource, [own], [], judge(stopped));
    } catch (error) {
      if (!isDataError(error)) throw error;
      const message = `its results could not be stored: ${String(error)}`;
      const end = { trialState: 'failed' as const, seconds: own.end?.seconds ?? 0, message, model: null };
      const bare = { ...own, curves: [], diagnostics: [], value: null, metrics: {}, updates: 0, sample: null, end };
      const refused = await commitWork(this.dataSource, [{ ...bare, checkpoint: undefined, rung: undefined }]);
      // The trainer may still be training it: as after a refusal, it is told to stop.
      return own.end ? refused : [own.attemptId];
    }
  }
}

/** Whether the database refused the data themselves (PostgreSQL classes 22: data, 23: integrity, 54: limits). */
function isDataError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
