import { distributions, limits, ValidationError } from '@unroll/contracts';
import fc from 'fast-check';
import { drawFreely } from '../samplers/random';
import { levelPosition, snap, toPosition, valueAt } from './dimension';
import { randomNumbers } from './numbers';
import { drawAt, freePoint, gridPoint, toPoint, toSpace } from './point';
import { boundedGridSize, gridSize, type Drawn } from './space';

type Uniform = (path: string) => number;
const draw = (tree: object, point: number, uniform: Uniform): Drawn => {
  const space = toSpace(tree);
  const fixed = gridPoint(space, point);
  return drawAt(space, (dimension) =>
    Number.isNaN(fixed[dimension]!) ? uniform(space.dimensions[dimension]!.path) : fixed[dimension]!,
  );
};

/** The largest number of a stream. */
const almostOne = 1 - 2 ** -53;
const always =
  (value: number): Uniform =>
  () =>
    value;
const fraction = fc.oneof(fc.constantFrom(0, almostOne), fc.double({ min: 0, max: almostOne, noNaN: true }));
const leaf = (distribution: object, uniform: Uniform, point = 0): unknown => draw(distribution, point, uniform).tree;

describe('drawing a leaf', () => {
  const ends = fc
    .tuple(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.double({ min: 1e-9, max: 1e9, noNaN: true }))
    .filter(([a, b]) => a < b);
  const wholeEnds = fc
    .tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }))
    .filter(([a, b]) => a < b);

  it('never leaves a range of numbers', () => {
    fc.assert(
      fc.property(ends, fraction, ([from, to], u) => {
        for (const key of ['uniform', 'logUniform']) {
          const value = leaf({ [key]: [from, to] }, always(u)) as number;
          expect(value).toBeGreaterThanOrEqual(from);
          expect(value).toBeLessThanOrEqual(to);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is uniform over a range, and log-uniform over a log range', () => {
    expect(leaf({ uniform: [2, 4] }, always(0.25))).toBe(2.5);
    expect(leaf({ logUniform: [1e-4, 1e-2] }, always(0.5))).toBeCloseTo(1e-3, 12);
  });

  it.each([
    [{ uniform: [0.1, 0.5], step: 0.1 }, [0.1, 0.2, 0.3, 0.4, 0.5]],
    [{ uniform: [-1, 1], step: 0.5 }, [-1, -0.5, 0, 0.5, 1]],
    [{ uniform: [-0.3, 0.3], step: 0.1 }, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]],
    [{ uniform: [1e9, 1e9 + 0.375], step: 0.125 }, [1e9, 1e9 + 0.125, 1e9 + 0.25, 1e9 + 0.375]],
    [{ int: [0, 3e13], step: 1e13 + 1 }, [0, 1e13 + 1, 2e13 + 2]],
    [{ logUniform: [0.01, 0.04], step: 0.01 }, [0.01, 0.02, 0.03, 0.04]],
    [{ int: [4, 12], step: 4 }, [4, 8, 12]],
  ])('of %j is one of %j, and each has the position that its value has', (distribution, values) => {
    const space = toSpace({ x: distribution });
    const dimension = space.dimensions[0]!;
    expect(dimension.levels).toBe(values.length);
    expect(values.map((_, level) => valueAt(dimension, levelPosition(dimension, level)))).toEqual(values);
    expect(values.map((value) => toPosition(dimension, value))).toEqual(
      values.map((_, level) => levelPosition(dimension, level)),
    );
    const drawn = Array.from({ length: 1000 }, (_, at) => valueAt(dimension, at / 1000));
    expect([...new Set(drawn)]).toEqual(values);
    expect(toPosition(dimension, values[0]! + 0.003)).toBeUndefined();
    expect(drawn.map((value) => snap(dimension, toPosition(dimension, value)!))).toEqual(
      drawn.map((value) => toPosition(dimension, value)),
    );
  });

  it('gives smaller values more often on a log scale with steps', () => {
    const dimension = toSpace({ x: { logUniform: [0.01, 0.1], step: 0.01 } }).dimensions[0]!;
    const drawn = Array.from({ length: 1000 }, (_, at) => valueAt(dimension, at / 1000));
    const share = drawn.filter((value) => value === 0.01).length / 1000;
    expect(share).toBeCloseTo(Math.log(2) / Math.log(11), 2);
  });

  it('takes a range inside a list of numbers for one of its options, drawn independently of the choice', () => {
    const space = toSpace({ l2: { choice: [0, { uniform: [1, 2] }] } });
    const ask = (number: number) => ({ fixed: freePoint(space), numbers: randomNumbers(7, number, 0) });
    const values = Array.from({ length: 2000 }, (_, number) => {
      const point = drawFreely(space, ask(number));
      const { tree, parameters } = drawAt(space, (dimension) => point[dimension]!);
      const { l2 } = tree as { l2: number };
      expect(parameters).toEqual({ l2 });
      const again = toPoint(space, parameters).point;
      expect([...again].map((each) => each.toFixed(9))).toEqual([...point].map((each) => each.toFixed(9)));
      return l2;
    });
    const drawn = values.filter((value) => value !== 0);
    expect(drawn.length / 2000).toBeCloseTo(0.5, 1);
    expect(Math.min(...drawn)).toBeLessThan(1.05);
    expect(Math.max(...drawn)).toBeGreaterThan(1.95);
    expect(drawn.filter((value) => value < 1.5).length / drawn.length).toBeCloseTo(0.5, 1);
  });

  it('gives integers within both bounds, and reaches both', () => {
    fc.assert(
      fc.property(wholeEnds, fraction, fc.boolean(), ([from, to], u, log) => {
        const at = (v: number): number => leaf({ int: [from, to], ...(log ? { log } : {}) }, always(v)) as number;
        expect(Number.isInteger(at(u))).toBe(true);
        expect(at(u)).toBeGreaterThanOrEqual(from);
        expect(at(u)).toBeLessThanOrEqual(to);
        expect([at(0), at(almostOne)]).toEqual([from, to]);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives every integer of a range an equal share', () => {
    const counts = new Map<unknown, number>();
    for (let index = 0; index < 600; index += 1) {
      const value = leaf({ int: [5, 10] }, always((index + 0.5) / 600));
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts]).toEqual([5, 6, 7, 8, 9, 10].map((value) => [value, 100]));
  });

  it('gives only multiples of the step, up to the last one within the range', () => {
    fc.assert(
      fc.property(wholeEnds, fc.integer({ min: 1, max: 200_000 }), fraction, ([from, to], step, u) => {
        const at = (v: number): number => leaf({ int: [from, to], step }, always(v)) as number;
        expect((at(u) - from) % step).toBe(0);
        expect(at(u)).toBeLessThanOrEqual(to);
        expect(at(0)).toBe(from);
        expect(at(almostOne)).toBe(from + step * Math.floor((to - from) / step));
      }),
    );
    expect([0, 0.4, 0.9].map((u) => leaf({ int: [1, 10], step: 4 }, always(u)))).toEqual([1, 5, 9]);
  });

  it('gives each option of a choice an equal share', () => {
    const choice = ['a', 'b', 'c'];
    expect([0, 0.32, 0.34, 0.66, 0.67, almostOne].map((u) => leaf({ choice }, always(u)))).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
      'c',
    ]);
  });

  it('is normal around the mean, and finite at the ends of the stream', () => {
    expect(leaf({ normal: [3, 2] }, always(0.5))).toBeCloseTo(3, 12);
    expect(leaf({ normal: [3, 2] }, always(0.8413447460685429))).toBeCloseTo(5, 9);
    expect(Number.isFinite(leaf({ normal: [3, 2] }, always(0)))).toBe(true);
    expect(Number.isFinite(leaf({ normal: [3, 2] }, always(almostOne)))).toBe(true);
  });
});

describe('a grid', () => {
  const grids = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 }),
    { minKeys: 1 },
  );

  it('gives every point of the product once', () => {
    fc.assert(
      fc.property(grids, (options) => {
        const tree = Object.fromEntries(Object.entries(options).map(([key, grid]) => [key, { grid }]));
        const size = gridSize(tree);
        expect(size).toBe(Object.values(options).reduce((product, { length }) => product * length, 1));
        const points = Array.from({ length: size }, (_, point) => JSON.stringify(draw(tree, point, always(0)).tree));
        expect(new Set(points).size).toBe(size);
      }),
    );
  });

  it('counts the points within its options', () => {
    const tree = { cell: { grid: ['rnn', { kind: 'x', size: { grid: [1, 2, 3] } }] }, layers: { grid: [1, 2] } };
    expect(gridSize(tree)).toBe(8);
    const drawn = Array.from(
      { length: 8 },
      (_, point) => draw(tree, point, always(0)).tree as { cell: unknown; layers: number },
    );
    expect(drawn.filter(({ layers }) => layers === 1).map(({ cell }) => cell)).toEqual([
      'rnn',
      { kind: 'x', size: 1 },
      { kind: 'x', size: 2 },
      { kind: 'x', size: 3 },
    ]);
    expect(() => draw(tree, 0, always(0))).not.toThrow();
    expect(() => draw({ grid: [1, 2] }, 2, always(0))).toThrow(RangeError);
  });

  it('of 10^12 points is counted without enumeration, and refused', () => {
    const grid = Array.from({ length: 1000 }, (_, index) => index);
    const tree = { a: { grid }, b: { grid }, c: { grid }, d: { grid } };
    const before = process.cpuUsage();
    expect(gridSize(tree)).toBe(1e12);
    expect(() => boundedGridSize(tree)).toThrow(/1,000,000,000,000 points, more than the maximum of 100,000/);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });

  it('may have as many points as the maximum of configurations', () => {
    const grid = Array.from({ length: 1000 }, (_, index) => index);
    expect(boundedGridSize({ a: { grid }, b: { grid: grid.slice(0, 100) } })).toBe(limits.configurations);
  });

  it('cannot be inside a choice', () => {
    const tree = { model: { choice: ['a', { size: { grid: [1, 2] } }] } };
    expect(() => gridSize(tree)).toThrow(ValidationError);
    expect(() => gridSize(tree)).toThrow(/^model: a grid cannot be inside a choice/);
    expect(gridSize({ model: { choice: [{ size: { grid: [1] } }] } })).toBe(1);
  });
});

describe('drawing a configuration', () => {
  const tree = {
    optimizer: {
      choice: [
        { kind: 'sgd', momentum: { uniform: [0, 1] } },
        { kind: 'adam', beta: 0.5 },
      ],
    },
    cell: { grid: ['rnn', 'gru'] },
    window: { choice: [{ k1: 2, k2: 4 }] },
    fixed: 7,
  };

  it('draws the parameters of the chosen option only', () => {
    const asked: string[] = [];
    const uniform: Uniform = (path) => (asked.push(path), 0.75);
    expect(draw(tree, 1, uniform)).toEqual({
      tree: { optimizer: { kind: 'adam', beta: 0.5 }, cell: 'gru', window: { k1: 2, k2: 4 }, fixed: 7 },
      parameters: { optimizer: 'adam', 'optimizer.beta': 0.5, cell: 'gru', 'window.k1': 2, 'window.k2': 4 },
    });
    expect(asked).not.toContain('optimizer.momentum');
    expect(draw(tree, 0, always(0.25)).parameters).toEqual({
      optimizer: 'sgd',
      'optimizer.momentum': 0.25,
      cell: 'rnn',
      'window.k1': 2,
      'window.k2': 4,
    });
  });

  it('distinguishes options of the same kind', () => {
    const options = {
      grid: [
        { kind: 'sgd', momentum: 0 },
        { kind: 'sgd', momentum: 0.9 },
      ],
    };
    const [first, second] = [0, 1].map((point) => draw({ optimizer: options }, point, always(0)).parameters);
    expect(first).toEqual({ optimizer: 'sgd', 'optimizer.momentum': 0 });
    expect(second).toEqual({ optimizer: 'sgd', 'optimizer.momentum': 0.9 });
  });

  it('is pure: deterministic, without changing the tree', () => {
    const before = JSON.stringify(tree);
    fc.assert(
      fc.property(fraction, fc.integer({ min: 0, max: 1 }), (u, point) => {
        expect(draw(tree, point, always(u))).toEqual(draw(tree, point, always(u)));
      }),
    );
    expect(JSON.stringify(tree)).toBe(before);
  });

  it('keeps null and lists as plain values', () => {
    expect(draw({ a: { choice: [null] }, b: null, c: [{ grid: [1, 2] }] }, 0, always(0))).toEqual({
      tree: { a: null, b: null, c: [{ grid: [1, 2] }] },
      parameters: { a: null },
    });
  });
});

describe('the distributions of a tree', () => {
  it('are listed with their paths, including nested ones', () => {
    const inner = { normal: [0, 1] };
    const tree = {
      a: { grid: ['x', { kind: 'y', b: inner }] },
      c: { d: { choice: [{ e: { uniform: [0, 1] } }] } },
      f: 1,
    };
    expect(distributions(tree).map(([path]) => path)).toEqual(['a', 'a.b', 'c.d', 'c.d.e']);
    expect(distributions(tree)[1]).toEqual(['a.b', inner]);
    expect(distributions(null)).toEqual([]);
  });
});
