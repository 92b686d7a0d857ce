/** Milliseconds of history that a pace averages over. */
const window = 5000;

/** Lane updates per second of a trainer, averaged over its progress messages of the last seconds. */
export class Pace {
  private samples: { at: number; updates: number; made: number }[] = [];

  /** A run starts; its updates count from 0. */
  begin(at: number): void {
    this.samples = [{ at, updates: 0, made: 0 }];
  }

  /** Records that the run has made `updates` so far, of `lanes` lanes each. */
  record(updates: number, lanes: number, at: number): void {
    const last = this.samples.at(-1);
    if (!last || updates < last.updates) return;
    this.samples.push({ at, updates, made: (updates - last.updates) * lanes });
    while (this.samples.length > 2 && this.samples[1]!.at < at - window) this.samples.shift();
  }

  end(): void {
    this.samples = [];
  }

  /** Lane updates per second; null while nothing runs or nothing was recorded yet. */
  rate(now: number): number | null {
    const [first, ...later] = this.samples;
    if (!first || later.length === 0) return null;
    return later.reduce((sum, { made }) => sum + made, 0) / Math.max(0.001, (now - first.at) / 1000);
  }
}
