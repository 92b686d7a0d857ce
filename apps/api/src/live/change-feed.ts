import { changesAfter, changesBegin, type ChangeNumber } from '@unroll/database';
import type { DataSource } from 'typeorm';

/** Milliseconds between two polls for changes: a sweep is sent at most four times a second. */
export const pollMilliseconds = 250;
/** Milliseconds until a failed poll is retried. */
const retryMilliseconds = 1000;
const page = 1000;

type Wake = () => void;

/**
 * Polls for changes and wakes the listeners, which read what has changed themselves. There is one per process, and it polls only while
 * there are listeners. A poll is one range scan of a primary key; a NOTIFY would take a lock that all commits of the server share.
 */
export class ChangeFeed {
  private readonly listeners = new Map<Wake, string | undefined>();
  private timer: NodeJS.Timeout | undefined;
  private seen: ChangeNumber | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Calls `wake` after changes, of one sweep if `sweepId` is given. Returns a function that unsubscribes. */
  listen(wake: Wake, sweepId?: string): () => void {
    this.listeners.set(wake, sweepId);
    if (this.listeners.size === 1) this.schedule(0);
    return () => {
      this.listeners.delete(wake);
      if (this.listeners.size > 0) return;
      clearTimeout(this.timer);
      this.timer = undefined;
      this.seen = undefined;
    };
  }

  private schedule(milliseconds: number): void {
    this.timer = setTimeout(() => {
      const { timer } = this;
      void this.poll()
        .then(() => pollMilliseconds)
        .catch(() => retryMilliseconds)
        .then((next) => this.timer === timer && this.schedule(next));
    }, milliseconds);
  }

  private async poll(): Promise<void> {
    if (!this.seen) {
      this.seen = await changesBegin(this.dataSource);
      // A listener may have missed changes between its own start and this one.
      for (const wake of this.listeners.keys()) wake();
      return;
    }
    const changes = await changesAfter(this.dataSource, this.seen, page);
    const last = changes.at(-1);
    if (!last || !this.seen) return;
    this.seen = { xid: last.xid, sequence: last.sequence };
    const sweeps = new Set(changes.map(({ sweepId }) => sweepId));
    for (const [wake, sweepId] of this.listeners) if (sweepId === undefined || sweeps.has(sweepId)) wake();
  }
}
