import { Inject, Injectable, Logger } from '@nestjs/common';
import { commitWork, type AttemptWork, type BoardBaseline } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { GroupRun } from './group-run';
import { judge } from './judge';
import { batchMilliseconds } from './settings';
import { Spool, type Spooled } from './spool';

/** Milliseconds until a batch that did not go through is tried again. */
const retryMilliseconds = 1000;

/**
 * Commits what trainers report, in batches of all that has gathered: results at once, reports after a moment. While the database is
 * away batches wait on the disk, in order; where there is no room either, in memory, and whoever listens is told to stop making more.
 */
@Injectable()
export class Committer {
  private readonly logger = new Logger(Committer.name);
  private readonly runs = new Set<GroupRun>();
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;
  private committing: Promise<void> | undefined;

  /** Told which attempts the fence refused: they are no longer this worker's. */
  onRefused: (attemptIds: readonly string[]) => void = () => undefined;
  /** Told which checkpoints no row names any longer. */
  onSuperseded: (checkpoints: readonly string[]) => void = () => undefined;
  /** Told that neither database nor disk takes more. */
  onFull: (reason: string) => void = () => undefined;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(Spool) private readonly spool: Spool,
  ) {}

  /** Runs whose attempts this worker holds: in training, or trained and not yet committed. */
  get held(): ReadonlySet<GroupRun> {
    return this.runs;
  }

  /** Takes over what died workers of this machine could not commit. */
  async start(): Promise<void> {
    const batches = await this.spool.adopt();
    if (batches === 0) return;
    this.logger.warn({ batches }, 'an earlier worker left results behind: committing them');
    this.commitWithin(0);
  }

  add(run: GroupRun): void {
    this.runs.add(run);
  }

  /** Something is there to commit: within `milliseconds`. */
  commitWithin(milliseconds: number = batchMilliseconds): void {
    const at = performance.now() + milliseconds;
    if (at >= this.due) return;
    this.due = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.commit(), milliseconds);
  }

  /** Commits all that is there, and resolves when it is in the database or waits on the disk. */
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
    else if (!this.spool.isEmpty || !(await this.land(all))) await this.keep(all, putBack);
    while (!this.spool.isEmpty) {
      const oldest = await this.spool.oldest();
      if (oldest && !(await this.land(oldest))) break;
      if (oldest) await this.spool.remove();
    }
    if (!this.spool.isEmpty) this.commitWithin(retryMilliseconds);
    for (const run of this.runs) if (run.held.length === 0) this.runs.delete(run);
  }

  /** Commits a batch. Returns false where the database is away. */
  private async land({ work, baselines }: Spooled): Promise<boolean> {
    try {
      const stopped: string[] = [];
      const refused = await this.write(work, baselines, stopped);
      this.stop(stopped);
      this.onSuperseded([...this.runs].flatMap((run) => run.committed(work, refused)));
      if (refused.length === 0) return true;
      this.onRefused(refused);
      this.logger.warn({ refused }, 'late results were refused: the attempts are no longer ours');
      return true;
    } catch (error) {
      this.logger.error({ error: String(error) }, 'could not commit; trying again');
      return false;
    }
  }

  /** A stopping rule has ended these attempts: their rows say so, and their lanes are let go. */
  private stop(attemptIds: readonly string[]): void {
    if (attemptIds.length === 0) return;
    this.onRefused(attemptIds);
    for (const run of this.runs) run.drop(attemptIds);
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

  /** Commits a batch; where the data of one attempt are at fault, the others land all the same, and that one fails. */
  private async write(
    work: readonly AttemptWork[],
    baselines: readonly BoardBaseline[],
    stopped: string[],
  ): Promise<string[]> {
    try {
      return await commitWork(this.dataSource, work, baselines, judge(stopped));
    } catch (error) {
      if (!isDataError(error)) throw error;
      this.logger.error(
        { error: String(error) },
        'a batch was refused by the database; committing its attempts one by one',
      );
    }
    // What was judged in a transaction that did not go through was not.
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
      // The trainer may still be at it: as with a refusal, it is told to stop.
      return own.end ? refused : [own.attemptId];
    }
  }
}

/** Whether the database refused the data themselves: PostgreSQL's classes 22 (data) and 23 (integrity), and 54 (limits). */
function isDataError(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
