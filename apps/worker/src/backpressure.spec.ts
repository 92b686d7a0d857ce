import { Backpressure } from './backpressure';

const minutes = 60_000;

class Calls {
  private now = 0;
  readonly pressure = new Backpressure(() => this.now);

  /** Calls of a kind, a second apart, that take so many milliseconds each. */
  made(milliseconds: number, times = 1, kind = 'report'): this {
    for (let index = 0; index < times; index += 1) {
      this.now += 1000;
      this.pressure.record(kind, milliseconds);
    }
    return this;
  }

  get spacing(): number {
    return this.pressure.spacing(1000, 4000);
  }
}

const calls = () => new Calls();

describe('backpressure', () => {
  it('leaves calls as close as they may be while none queues', () => {
    expect(calls().spacing).toBe(1000);
    expect(calls().made(5, 3).made(7).made(5).spacing).toBe(1000);
    expect(calls().made(5).pressure.spacing(0, 4000)).toBe(0);
  });

  it('takes a database that is far away for what it is, and calls of several statements too', () => {
    expect(calls().made(120).made(122, 9).spacing).toBe(1000);
    expect(calls().made(20, 9, 'renewal').made(120, 9, 'judged').spacing).toBe(1000);
  });

  it('spreads calls that queue, up to the longest spacing', () => {
    expect(calls().made(5).made(55, 20).spacing).toBeCloseTo(2500, -2);
    expect(calls().made(5).made(900, 20).spacing).toBeCloseTo(4000, -2);
  });

  it('takes one slow call for no queue, and forgets a queue that is gone', () => {
    expect(calls().made(5, 20).made(3000).spacing).toBe(1000);
    expect(calls().made(5).made(400, 20).made(5, 8).spacing).toBe(1000);
  });

  it('takes a call that failed after long for one that queued, and a refusal at once for none that was fast', () => {
    const refused = calls().made(50, 9);
    refused.pressure.record('report', 1, true);
    expect(refused.made(50, 3).spacing).toBe(1000);
    const hanging = calls().made(5, 9);
    for (let times = 0; times < 9; times += 1) hanging.pressure.record('report', 10_000, true);
    expect(hanging.spacing).toBeGreaterThan(3000);
  });

  it('learns within minutes that the database has moved further away', () => {
    const moved = calls().made(2, 9).made(90, 9);
    expect(moved.spacing).toBeGreaterThan(3000);
    expect(moved.made(90, (12 * minutes) / 1000).spacing).toBe(1000);
  });
});
