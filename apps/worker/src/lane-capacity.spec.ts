import { LaneCapacity } from './lane-capacity';

describe('the lane capacity of a worker', () => {
  it('is the standard until a trainer reports what fits, then that', () => {
    const capacity = new LaneCapacity(16, undefined);
    expect([capacity.of('a'), capacity.standard, capacity.highest]).toEqual([16, 16, 16]);
    capacity.estimated('a', 100);
    capacity.estimated('b', 3);
    expect([capacity.of('a'), capacity.of('b'), capacity.of('c')]).toEqual([100, 3, 16]);
    expect(capacity.all).toEqual({ a: 100, b: 3 });
    expect(capacity.highest).toBe(100);
  });

  it('never exceeds the limit that the user gave', () => {
    const capacity = new LaneCapacity(16, 4);
    capacity.estimated('a', 100);
    expect([capacity.of('a'), capacity.of('b'), capacity.highest]).toEqual([4, 4, 4]);
  });

  it('stays below a number that once ran out of memory, whatever is estimated later', () => {
    const capacity = new LaneCapacity(16, undefined);
    capacity.ranOut('a', 8);
    capacity.estimated('a', 100);
    expect(capacity.of('a')).toBe(8);
    capacity.ranOut('a', 4);
    capacity.ranOut('a', 6);
    expect(capacity.of('a')).toBe(4);
    expect(capacity.of('b')).toBe(16);
  });

  it('is kept for the last thousand signatures', () => {
    const capacity = new LaneCapacity(16, undefined);
    for (let index = 0; index <= 1000; index++) capacity.estimated(String(index), 2);
    expect([capacity.of('0'), capacity.of('1'), capacity.of('1000')]).toEqual([16, 2, 2]);
  });
});
