/** Weight of the newest call in the average, twice that of TCP's smoothed round-trip time (RFC 6298): calls are seconds apart. */
const gain = 0.25;
/** Milliseconds between two calls for each millisecond that they queue: together, workers then keep a fiftieth of their number waiting. */
const spacingPerDelay = 50;
/** Milliseconds beyond which it does not matter how long a call queued: one that met a lock does not spread those of the next minute. */
const mostDelay = 80;
/** Milliseconds after which the fastest call is forgotten: the database may have moved. */
const memory = 5 * 60_000;

/** The fastest call of the last minutes, and of the minutes before those. */
interface Fastest {
  since: number;
  recent: number;
  before: number;
}

/**
 * How far apart calls that can wait are made, by how long the last ones queued: what they took beyond the fastest of their kind, as TCP
 * Vegas tells queueing from distance (Brakmo and Peterson 1995). An overloaded database gets fewer, larger reports, and is left with time
 * for claims and results.
 */
export class Backpressure {
  private readonly fastest = new Map<string, Fastest>();
  private delay = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** A call of a kind has taken so many milliseconds. One that `failed` queued too, but tells nothing of how fast the others can be. */
  record(kind: string, milliseconds: number, failed = false): void {
    const least = failed ? this.fastest.get(kind) : this.remember(kind, milliseconds);
    if (!least) return;
    const delay = Math.max(0, Math.min(mostDelay, milliseconds - Math.min(least.recent, least.before)));
    this.delay += gain * (delay - this.delay);
  }

  private remember(kind: string, milliseconds: number): Fastest {
    const { since, recent, before } = this.fastest.get(kind) ?? {
      since: this.now(),
      recent: Infinity,
      before: Infinity,
    };
    const isOver = this.now() - since > memory;
    const next = isOver
      ? { since: this.now(), recent: milliseconds, before: recent }
      : { since, recent: Math.min(recent, milliseconds), before };
    this.fastest.set(kind, next);
    return next;
  }

  /** Milliseconds from one call to the next: `shortest` while none queues, and never more than `longest`. */
  spacing(shortest: number, longest: number): number {
    return Math.max(shortest, Math.min(longest, spacingPerDelay * this.delay));
  }
}
