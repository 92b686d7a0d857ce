import { changesAfter, changesBegin, type ChangeNumber } from '@unroll/database';
import type { DataSource } from 'typeorm';

/** Milliseconds between two looks for changes: a sweep is announced four times a second at most. */
export const turn = 250;
/** Milliseconds until a database that is away is asked again. */
const retry = 1000;
const page = 1000;

type Wake = () => void;

/**
 * Looks for changes, and wakes who waits for them; who was woken reads what has changed by himself. One for a process, and only while someone
 * listens. A look is one range of a primary key; a notification from the commit would take a lock that all commits of the server share.
 */
export class ChangeFeed {
  private readonly listeners = new Map<Wake, string | undefined>();
  private timer: NodeJS.Timeout | undefined;
  private seen: ChangeNumber | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Calls `wake` after changes, of one sweep where it is named. Returns how to end that. */
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
      void this.look()
        .then(() => turn)
        .catch(() => retry)
        .then((next) => this.timer === timer && this.schedule(next));
    }, milliseconds);
  }

  private async look(): Promise<void> {
    if (!this.seen) {
      this.seen = await changesBegin(this.dataSource);
      // What changed between a listener's own beginning and this one.
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
