/** Milliseconds that a pace looks back. */
const lookBack = 5000;

/** How many updates of lanes a trainer makes a second, by what it said in the last seconds. */
export class Pace {
  private said: { at: number; updates: number; made: number }[] = [];

  /** A run began, whose updates count from 0. */
  begin(at: number): void {
    this.said = [{ at, updates: 0, made: 0 }];
  }

  /** The trainer has made `updates` since the run began, of `lanes` lanes at a time. */
  heard(updates: number, lanes: number, at: number): void {
    const last = this.said.at(-1);
    if (!last || updates < last.updates) return;
    this.said.push({ at, updates, made: (updates - last.updates) * lanes });
    while (this.said.length > 2 && this.said[1]!.at < at - lookBack) this.said.shift();
  }

  end(): void {
    this.said = [];
  }

  /** Updates of lanes a second; null where nothing runs, or nothing was heard yet. */
  rate(now: number): number | null {
    const [first, ...later] = this.said;
    if (!first || later.length === 0) return null;
    return later.reduce((sum, { made }) => sum + made, 0) / Math.max(0.001, (now - first.at) / 1000);
  }
}
