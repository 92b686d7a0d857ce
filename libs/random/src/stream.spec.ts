import { stream } from './stream';
import { threefry2x32 } from './threefry';

const moments = (values: Float32Array): { mean: number; variance: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

describe('a stream', () => {
  it('is Threefry with the key (seed, number of the stream) and the counter (update, index)', () => {
    expect(stream(7, 'initialisation').uint32(3, 4)).toBe(threefry2x32([7, 1], [3, 4])[0]);
    expect(stream(7, 'sample').uint32(3, 4)).toBe(threefry2x32([7, 8], [3, 4])[0]);
  });

  it('returns the same numbers in any order of calls', () => {
    const forwards = stream(1, 'dropout');
    const first = [0, 1, 2, 3].map((index) => forwards.uniform(5, index));
    const backwards = stream(1, 'dropout');
    expect([3, 2, 1, 0].map((index) => backwards.uniform(5, index)).reverse()).toEqual(first);
  });

  it('differs by seed, by name, by update and by index', () => {
    const draws = [
      stream(1, 'order').uint32(0, 0),
      stream(2, 'order').uint32(0, 0),
      stream(1, 'noise').uint32(0, 0),
      stream(1, 'order').uint32(1, 0),
      stream(1, 'order').uint32(0, 1),
    ];
    expect(new Set(draws).size).toBe(draws.length);
  });

  it('accepts the largest seed and refuses invalid seeds', () => {
    expect(stream(2 ** 32 - 1, 'search').uint32(0, 0)).toBe(threefry2x32([2 ** 32 - 1, 7], [0, 0])[0]);
    for (const seed of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => stream(seed, 'search')).toThrow(RangeError);
  });

  it('draws uniform numbers in [0, 1) with the moments of the uniform distribution', () => {
    const values = stream(11, 'noise').fillUniform(0, 100_000, 0, 1);
    expect(Math.min(...values.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(1 / 2, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('draws normal numbers with mean 0 and variance 1, all finite', () => {
    const values = stream(11, 'noise').fillNormal(0, 100_000);
    expect(values.every(Number.isFinite)).toBe(true);
    const { mean, variance } = moments(values);
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(values.filter((value) => Math.abs(value) > 2).length / values.length).toBeCloseTo(0.0455, 2);
  });

  it('fills arrays with the numbers that it draws one by one', () => {
    const random = stream(3, 'initialisation');
    const filled = random.fillUniform(9, 5, -2, 2);
    expect([...filled]).toEqual([0, 1, 2, 3, 4].map((i) => Math.fround(-2 + 4 * random.uniformFloat32(9, i))));
  });
});
