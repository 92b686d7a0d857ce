import { Backpressure } from './backpressure';

const spacingAfter = (...calls: number[]): number => {
  const pressure = new Backpressure();
  for (const milliseconds of calls) pressure.record(milliseconds);
  return pressure.spacing(1000, 4000);
};

describe('backpressure', () => {
  it('leaves calls as close as they may be while none queues', () => {
    expect(new Backpressure().spacing(1000, 4000)).toBe(1000);
    expect(spacingAfter(5, 6, 5, 7, 5)).toBe(1000);
  });

  it('takes a database that is far away for what it is', () => {
    expect(spacingAfter(120, 121, 120, 122)).toBe(1000);
  });

  it('spreads calls that queue, up to the longest spacing', () => {
    const queued = Array.from({ length: 20 }, () => 55);
    expect(spacingAfter(5, ...queued)).toBeCloseTo(2500, -2);
    expect(spacingAfter(5, ...queued, ...queued.map(() => 900))).toBe(4000);
  });

  it('takes one slow call for no queue, and forgets a queue that is gone', () => {
    const fast = Array.from({ length: 20 }, () => 5);
    expect(spacingAfter(...fast, 60)).toBe(1000);
    expect(spacingAfter(5, ...fast.map(() => 400), ...fast)).toBe(1000);
  });

  it('makes no call wait that has no shortest spacing while none queues', () => {
    const pressure = new Backpressure();
    pressure.record(5);
    expect(pressure.spacing(0, 4000)).toBe(0);
  });
});
