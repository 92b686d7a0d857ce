/**
 * Seconds between two observations beyond which the leader, the database or the network must have stalled: half a lease, within these
 * limits. An observation can take a few seconds if the queue server does not answer.
 */
const gaps = { shortest: 4, longest: 7.5 };

/**
 * How long the leader has watched the fleet without a gap, by the database's clock only. After an outage every lease looks expired, so
 * workers get a whole lease to renew before their attempts are reaped. An outage is a lost connection, a query that returned late, or a
 * clock that jumped because the machine slept.
 */
export class Watch {
  private since: number | undefined;
  private last = 0;

  private readonly longestGap: number;

  constructor(private readonly leaseSeconds: number) {
    this.longestGap = Math.max(gaps.shortest, Math.min(gaps.longest, leaseSeconds / 2));
  }

  /** Records that the database answered at `now`, its time in seconds. Returns whether expired leases may be reaped. */
  observe(now: number): boolean {
    if (this.since === undefined || now - this.last > this.longestGap || now < this.last) this.since = now;
    this.last = now;
    return now - this.since > this.leaseSeconds;
  }

  /** Leadership or the connection was lost. */
  reset(): void {
    this.since = undefined;
  }
}
