/** Milliseconds of one figure, and how many figures are kept. */
const minute = 60_000;
const kept = 60;

/** How much of their time the trainers of a worker were at work, minute by minute. */
export class UseHistory {
  private minutes: { until: number; busy: number; length: number }[] = [];
  private recordedAt: number | undefined;

  /** Records that `share` of the trainers, 0 to 1, were at work since the last record. `at`: milliseconds of a steady clock. */
  record(share: number, at: number): void {
    let from = this.recordedAt ?? at;
    this.recordedAt = at;
    while (from < at) {
      let current = this.minutes.at(-1);
      if (!current || from >= current.until) {
        current = { until: (current?.until ?? from) + minute, busy: 0, length: 0 };
        this.minutes = [...this.minutes, current].slice(-kept);
      }
      const end = Math.min(at, current.until);
      current.busy += share * (end - from);
      current.length += end - from;
      from = end;
    }
  }

  /** Percent of each minute, oldest first; the newest is under way. */
  get percents(): number[] {
    return this.minutes.map(({ busy, length }) => Math.round((100 * busy) / length));
  }
}
