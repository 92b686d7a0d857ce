/** How many trials this worker may still take. Claims under way share it: together they never take more. */
export class TrialAllowance {
  private left: number;
  private reserved = 0;

  /** `most`: trials in all; undefined for no limit. */
  constructor(most: number | undefined) {
    this.left = most ?? Infinity;
  }

  /** Trials that a claim may take now. */
  get free(): number {
    return this.left - this.reserved;
  }

  /** All have been taken. */
  get isUsedUp(): boolean {
    return this.left === 0;
  }

  /** Lets `claim` take up to `wanted` trials, or what is left; undefined where nothing is. `count`: how many it took. */
  async take<Result>(
    wanted: number,
    claim: (most: number) => Promise<Result>,
    count: (result: Result) => number,
  ): Promise<Result | undefined> {
    const most = Math.min(wanted, this.free);
    if (most < 1) return undefined;
    if (most === Infinity) return claim(most);
    this.reserved += most;
    try {
      const result = await claim(most);
      this.left -= count(result);
      return result;
    } finally {
      this.reserved -= most;
    }
  }
}
