/**
 * Seconds between two looks beyond which the leader, the server or the way between them stood still: half a lease within these. A look takes a
 * few seconds where the queue's server does not answer.
 */
const gaps = { shortest: 4, longest: 7.5 };

/**
 * How long the leader has watched the fleet without a gap, by the database's clock alone. After an outage every lease looks expired: workers
 * get a whole lease to renew before anything is taken from them. An outage is a lost connection, and also a query that came
 * back late, or a clock that jumped because the machine slept.
 */
export class Watch {
  private since: number | undefined;
  private last = 0;

  private readonly longestGap: number;

  constructor(private readonly leaseSeconds: number) {
    this.longestGap = Math.max(gaps.shortest, Math.min(gaps.longest, leaseSeconds / 2));
  }

  /** Notes that the database answered at `now`, its time in seconds. Returns whether leases that ran out may be taken. */
  seen(now: number): boolean {
    if (this.since === undefined || now - this.last > this.longestGap || now < this.last) this.since = now;
    this.last = now;
    return now - this.since > this.leaseSeconds;
  }

  /** Leadership or the connection was lost. */
  lost(): void {
    this.since = undefined;
  }
}
