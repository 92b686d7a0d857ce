import { frameScaling, isConstant, standardScaling } from './scaling';

const limits = { maximumSteps: 100 };

describe('scaling', () => {
  it('is by mean and deviation', () => {
    expect(standardScaling([[1, 3, 5, 7]])).toEqual({ shift: [4], scale: [Math.sqrt(5)] });
    const frames = [[[1], [3]], [[5], [7]], [[1000]]];
    expect(frameScaling(frames, [0, 1], limits)).toEqual({ shift: [4], scale: [Math.sqrt(5)] });
  });

  // Ten times 0.1 are not 1, so that the deviation of these from their mean is above 0.
  it.each([0.1, 0.3, 1e9 + 0.1, -1e-7, 0, 3])('of a column that is %d in all rows keeps its unit', (value) => {
    for (const count of [3, 10, 997]) {
      const column = Array.from({ length: count }, () => value);
      expect(standardScaling([column]).scale).toEqual([1]);
      expect(frameScaling([column.map((each) => [each])], [0], { maximumSteps: 1000 }).scale).toEqual([1]);
    }
  });

  it('tells small differences of large numbers from none', () => {
    const column = Array.from({ length: 100 }, (_, row) => 1.7e9 + (row % 2) / 1000);
    expect(isConstant(column)).toBe(false);
    expect(standardScaling([column]).scale[0]).toBeCloseTo(0.0005, 6);
    expect(isConstant([0.1 + 0.2, 0.3])).toBe(true);
    expect(isConstant([])).toBe(true);
  });
});
