/** Weight of the newest call in the average, twice that of TCP's smoothed round-trip time (RFC 6298): calls are seconds apart. */
const gain = 0.25;
/** Milliseconds between two calls for each millisecond that they queue: together, workers then keep a fiftieth of their number waiting. */
const spacingPerDelay = 50;

/**
 * How far apart calls that can wait are made, by how long the last ones queued: what they took beyond the fastest of them, as TCP Vegas
 * tells queueing from distance (Brakmo and Peterson 1995). A database with more workers than it can serve gets fewer, larger reports,
 * and is left with time for claims and results.
 */
export class Backpressure {
  private least = Infinity;
  private average: number | undefined;

  /** A call has taken so many milliseconds. */
  record(milliseconds: number): void {
    this.least = Math.min(this.least, milliseconds);
    this.average = this.average === undefined ? milliseconds : this.average + gain * (milliseconds - this.average);
  }

  /** Milliseconds from one call to the next: `shortest` while none queues, and never more than `longest`. */
  spacing(shortest: number, longest: number): number {
    const delay = this.average === undefined ? 0 : this.average - this.least;
    return Math.max(shortest, Math.min(longest, spacingPerDelay * delay));
  }
}
