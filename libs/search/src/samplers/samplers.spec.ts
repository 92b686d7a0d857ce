import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { randomNumbers } from '../space/numbers';
import { drawAt, freePoint, gridPoint, pointAt, toPoint, toSpace, type Point, type Space } from '../space/point';
import { gridSize, type Parameters } from '../space/space';
import { samplers } from '.';
import { cmaEs } from './cma-es';
import { nsga } from './nsga-ii';
import type { Sampler, Suggester } from './sampler';
import { searched } from '../space/searched';

const sweep = (changes: Record<string, unknown>): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });
const grids = { model: { cell: { grid: ['rnn', 'gru'] }, layers: { grid: [1, 2, 3] } } };

const ranges = {
  rate: { logUniform: [1e-4, 1e-1] },
  width: { int: [8, 64], step: 8 },
  size: { int: [1, 1000], log: true },
  part: { uniform: [-1, 2] },
};
const lists = {
  cell: { choice: ['rnn', { kind: 'lstm', forget: { uniform: [0, 3] } }, 'gru'] },
  optimizer: { choice: [{ kind: 'sgd', momentum: { choice: [0, 0.9] } }, { kind: 'adam' }] },
};

interface Told {
  values: (parameters: Parameters, number: number) => number[];
  share?: (number: number) => number;
  allows?: (point: Point) => boolean;
  running?: number;
  seed?: number;
}

/** Runs a search of `count` configurations; each outcome is learned with a delay of `running` proposals. */
function runSearch(
  sampler: Sampler,
  space: Space,
  count: number,
  told: Told,
): { points: Point[]; suggester: Suggester } {
  const { seed = 1, running = 0, allows = () => true, share = () => 1 } = told;
  const suggester = sampler.open(space, seed);
  const points: Point[] = [];
  for (let number = 0; number < count; number += 1) {
    const learned = number - running - 1;
    if (learned >= 0) {
      const point = points[learned]!;
      const values = told.values(drawAt(space, (dimension) => point[dimension]!).parameters, learned);
      suggester.learn({ number: learned, point, values, share: share(learned) });
    }
    const ask = {
      number,
      fixed: gridPoint(space, number % space.gridSize),
      running: points.slice(Math.max(0, learned + 1)),
      allows,
    };
    let attempt = 0;
    let point = suggester.suggest({ ...ask, attempt, numbers: randomNumbers(seed, number, attempt) });
    while (!allows(point) && attempt < 2000) {
      attempt += 1;
      point = suggester.suggest({ ...ask, attempt, numbers: randomNumbers(seed, number, attempt) });
    }
    points.push(point);
  }
  return { points, suggester };
}

const all = Object.values(samplers).filter(({ algorithm }) => algorithm !== 'grid');
const loss = ({ rate, part }: Parameters): number[] => [(Math.log10(rate as number) + 2) ** 2 + (part as number) ** 2];

describe.each(all)('the sampler $algorithm', (sampler) => {
  const tree = sampler === cmaEs ? ranges : { ...ranges, ...lists };
  const space = toSpace(tree);
  /** Fewer for a Gaussian process, which is slow. */
  const many = sampler.algorithm === 'gaussian-process' ? 20 : 40;
  const configurations = (points: Point[], of = space): Parameters[] =>
    points.map((point) => drawAt(of, (dimension) => point[dimension]!).parameters);

  it('stays within bounds and on steps, and draws exactly the existing dimensions', () => {
    for (const parameters of configurations(runSearch(sampler, space, many, { values: loss }).points)) {
      const { rate, width, size, part } = parameters as Record<string, number>;
      expect(rate! >= 1e-4 && rate! <= 1e-1).toBe(true);
      expect(width! >= 8 && width! <= 64 && width! % 8 === 0).toBe(true);
      expect(Number.isInteger(size) && size! >= 1 && size! <= 1000).toBe(true);
      expect(part! >= -1 && part! <= 2).toBe(true);
      expect('cell.forget' in parameters).toBe(parameters['cell'] === 'lstm');
      expect('optimizer.momentum' in parameters).toBe(parameters['optimizer'] === 'sgd');
      expect(toPoint(space, parameters).unknown).toEqual([]);
    }
  });

  it('is deterministic in its history, and differs under another seed', () => {
    const run = (seed: number): Parameters[] =>
      configurations(runSearch(sampler, space, many, { values: loss, running: 3, seed }).points);
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it('never repeats a configuration of ranges, even with many running', () => {
    const { points } = runSearch(sampler, space, many, { values: loss, running: 15 });
    expect(new Set(points.map(String)).size).toBe(many);
  });

  it('keeps fixed positions', () => {
    const { suggester } = runSearch(sampler, space, many, { values: loss });
    const fixed = freePoint(space);
    fixed[1] = (2 + 0.5) / 8;
    const point = suggester.suggest({
      number: 40,
      attempt: 0,
      fixed,
      running: [],
      numbers: randomNumbers(1, 40, 0),
      allows: () => true,
    });
    expect(configurations([point])[0]!['width']).toBe(24);
  });

  it('covers every grid point', () => {
    const withGrid = toSpace({ ...ranges, layers: { grid: [1, 2, 3] } });
    const { points } = runSearch(sampler, withGrid, many, { values: loss });
    expect(configurations(points, withGrid).map(({ layers }) => layers)).toEqual(
      points.map((_, index) => (index % 3) + 1),
    );
  });

  it('satisfies the constraints, however tight', () => {
    const allows = (point: Point): boolean => {
      const { width, part } = drawAt(space, (dimension) => point[dimension]!).parameters as Record<string, number>;
      return width! <= 16 && part! > 1.5;
    };
    const { points } = runSearch(sampler, space, many, { values: loss, allows });
    expect(points.every(allows)).toBe(true);
  });

  it.each([
    ['every trial failed', () => [NaN]],
    ['all values are equal', () => [1]],
    ['values are infinite', () => [Infinity]],
    ['some trials failed', (_: Parameters, number: number) => [number % 3 === 0 ? NaN : number]],
    ['values are enormous', (_: Parameters, number: number) => [number % 2 === 0 ? 1e300 : -1e300]],
  ] as const)('continues when %s', (_, values) => {
    const { points } = runSearch(sampler, space, many, { values: values });
    expect(points).toHaveLength(many);
    for (const point of points) expect(point.every((u) => Number.isNaN(u) || (u >= 0 && u < 1))).toBe(true);
    expect(new Set(points.map(String)).size).toBeGreaterThan(many - 5);
  });

  it('continues when most trials were stopped early', () => {
    const { points } = runSearch(sampler, space, many, {
      values: loss,
      share: (number) => (number % 4 === 0 ? 1 : 0.1),
    });
    expect(new Set(points.map(String)).size).toBe(many);
  });

  it('supports a space of one range and of a single point', () => {
    for (const only of [{ rate: { uniform: [0, 1] } }, { rate: 1 }]) {
      const { points } = runSearch(sampler, toSpace(only), many, { values: () => [1] });
      expect(points).toHaveLength(many);
    }
  });
});

describe.each(Object.values(samplers))('the sampler $algorithm', (sampler) => {
  it('is registered under its own name', () => {
    expect(samplers[sampler.algorithm]).toBe(sampler);
  });

  it('runs the product of the grids once by default', () => {
    const spec = sweep({ ...grids, search: { algorithm: sampler.algorithm } });
    const space = toSpace(searched(spec));
    expect(sampler.configurations(spec)).toBe(6);
    const { points } = runSearch(sampler, space, 6, { values: () => [1] });
    expect(new Set(points.map(String)).size).toBe(gridSize(searched(spec)));
  });

  it('refuses a number of trials that does not fit the grids', () => {
    const uneven = sweep({ ...grids, search: { algorithm: sampler.algorithm, trials: 7 } });
    expect(() => sampler.configurations(uneven)).toThrow(/^search\.trials: /);
  });
});

describe.each(all.filter(({ learns }) => learns))('the sampler $algorithm', (sampler) => {
  it('learns: its later proposals beat its first ones', () => {
    const space = toSpace(ranges);
    const { points } = runSearch(sampler, space, sampler === cmaEs || sampler === nsga ? 200 : 70, { values: loss });
    const values = points.map((point) => loss(drawAt(space, (dimension) => point[dimension]!).parameters)[0]!);
    const median = (of: number[]): number => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
    expect(median(values.slice(-20))).toBeLessThan(median(values.slice(0, 20)) / 2);
  });

  it('finds the best value beside a region where trainings diverge, and does not stay there', () => {
    const edge = -2;
    const besideTheEdge = ({ rate }: Parameters): number[] => {
      const power = Math.log10(rate as number);
      return [power > edge ? NaN : (power - edge) ** 2];
    };
    const [space, count] = [toSpace({ rate: ranges.rate }), 60];
    for (const seed of [1, 2, 3]) {
      const { points } = runSearch(sampler, space, count, { values: besideTheEdge, seed });
      const values = points.map(
        (point) => besideTheEdge(drawAt(space, (dimension) => point[dimension]!).parameters)[0]!,
      );
      expect(values.slice(count / 2).filter(Number.isNaN).length).toBeLessThan(count / 3);
      expect(Math.min(...values.filter(Number.isFinite))).toBeLessThan(0.01);
    }
  });
});

describe('outcomes without a value', () => {
  const space = toSpace({ x: { uniform: [0, 1] }, y: { uniform: [0, 1] } });
  /** What a search proposes after so many outcomes, each at a point and of values that follow from its number. */
  function after(sampler: Sampler, count: number, outcome: (number: number) => { at: number[]; values: number[] }) {
    const suggester = sampler.open(space, 1);
    for (let number = 0; number < count; number += 1) {
      const { at, values } = outcome(number);
      suggester.learn({ number, point: Float64Array.from(at), values, share: 1 });
    }
    const ask = { attempt: 0, fixed: freePoint(space), running: [], allows: () => true };
    return Array.from({ length: 64 }, (_, index) =>
      suggester.suggest({ ...ask, number: 64 + index, numbers: randomNumbers(1, 64 + index, 0) }),
    );
  }
  const drawn = (number: number): [number, number] => {
    const numbers = randomNumbers(9, number, 0);
    return [numbers.next(), numbers.next()];
  };

  it('are not among the good ones of tpe, though few others are there', () => {
    const points = after(samplers.tpe, 100, (number) => {
      const [x, y] = drawn(number);
      const isValued = number % 50 === 49;
      return { at: isValued ? [0.8 + 0.02 * x, 0.8 + 0.02 * y] : [0.7 * x, y], values: [isValued ? 1 : NaN] };
    });
    expect(points.filter(([x, y]) => Math.hypot(x! - 0.8, y! - 0.8) > 0.2)).toEqual([]);
  });

  it('leave tpe with nothing to be near to: it covers the space evenly', () => {
    const points = after(samplers.tpe, 20, (number) => ({ at: [number / 20, 0.5], values: [NaN] }));
    const quadrants = points.map(([x, y]) => `${Math.floor(2 * x!)} ${Math.floor(2 * y!)}`);
    for (const quadrant of ['0 0', '0 1', '1 0', '1 1'])
      expect(quadrants.filter((each) => each === quadrant)).toHaveLength(16);
  });

  it('of one objective are behind all others, however good their other values are', () => {
    const points = after(nsga, 80, (number) => {
      const [x, y] = drawn(number);
      return number % 2 === 0
        ? { at: [0.3 * x, y], values: [x, x] }
        : { at: [0.7 + 0.3 * x, y], values: [NaN, -1 - x] };
    });
    expect(points.filter(([x]) => x! > 0.6).length).toBeLessThan(6);
  });
});

describe('random search', () => {
  it('tries ten configurations by default, or the requested number', () => {
    const training = { learningRate: { uniform: [0.1, 1] } };
    expect(samplers.random.configurations(sweep({ training }))).toBe(10);
    expect(samplers.random.configurations(sweep({ training, search: { trials: 3 } }))).toBe(3);
    expect(samplers.random.configurations(sweep({}))).toBe(1);
  });

  it('refuses a number of trials that is not a multiple of the grid points, and suggests the next one', () => {
    expect(() => samplers.random.configurations(sweep({ ...grids, search: { trials: 7 } }))).toThrow(
      'search.trials: must be a multiple of the 6 grid points, such as 12, not 7',
    );
    expect(samplers.random.configurations(sweep({ ...grids, search: { trials: 18 } }))).toBe(18);
  });

  it('draws leaves independently, and again at each attempt', () => {
    const space = toSpace({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
    const suggester = samplers.random.open(space, 0);
    const ask = { fixed: freePoint(space), running: [], allows: () => true };
    const at = (number: number, attempt: number): Point =>
      suggester.suggest({ ...ask, number, attempt, numbers: randomNumbers(0, number, attempt) });
    const points = Array.from({ length: 500 }, (_, number) => at(number, 0));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const [a, b] = [mean(points.map(([x]) => x!)), mean(points.map(([, y]) => y!))];
    expect(a).toBeCloseTo(0.5, 1);
    const covariance = mean(points.map(([x, y]) => (x! - a) * (y! - b)));
    expect(Math.abs(covariance * 12)).toBeLessThan(0.15);
    expect(at(0, 1)).not.toEqual(at(0, 0));
  });
});

describe('a Sobol search', () => {
  it('stratifies any 2^k configurations in every dimension', () => {
    const space = toSpace(
      Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`x${index}`, { uniform: [0, 1] }])),
    );
    const { points } = runSearch(samplers.sobol, space, 64, { values: () => [1] });
    for (let dimension = 0; dimension < 64; dimension += 1)
      expect(new Set(points.map((point) => Math.floor(point[dimension]! * 64))).size).toBe(64);
  });

  it('stratifies any 16 over a 4 by 4 grid of the first two dimensions', () => {
    const space = toSpace({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
    const { points } = runSearch(samplers.sobol, space, 16, { values: () => [1] });
    expect(new Set(points.map(([a, b]) => `${Math.floor(a! * 4)} ${Math.floor(b! * 4)}`)).size).toBe(16);
  });
});

describe('a multi-objective search', () => {
  it('spreads along the Pareto front', () => {
    const space = toSpace({ x: { uniform: [0, 1] }, y: { uniform: [0, 1] } });
    const values = ({ x, y }: Parameters): number[] => [
      (x as number) + (y as number),
      1 - (x as number) + (y as number),
    ];
    const { points } = runSearch(nsga, space, 300, { values });
    const late = points.slice(-60);
    expect(late.filter(([, y]) => y! < 0.05).length).toBeGreaterThan(40);
    const along = late.map(([x]) => x!).sort((a, b) => a - b);
    expect(along.at(-1)! - along[0]!).toBeGreaterThan(0.7);
  });
});

describe('search: cma-es', () => {
  it('refuses a choice, with its path', () => {
    expect(() => cmaEs.configurations(sweep({ model: { cell: { choice: ['rnn', 'gru'] } } }))).toThrow(
      'model.cell: search: cma-es supports ranges and grids, not choices',
    );
  });

  /** How many of the last 100 of 200 proposals are far from the optimum, and the median loss of the others. */
  function lastProposals(share: (number: number) => number): { far: number; near: number } {
    const space = toSpace({ rate: { uniform: [0, 1] }, part: { uniform: [0, 1] } });
    const { points } = runSearch(cmaEs, space, 200, { values: bowl, share });
    const last = points
      .slice(-100)
      .map((point) => bowl(drawAt(space, (dimension) => point[dimension]!).parameters)[0]!);
    const near = last.filter((value) => value < 0.1).toSorted((a, b) => a - b);
    return { far: 100 - near.length, near: near[Math.floor(near.length / 2)]! };
  }
  const bowl = ({ rate, part }: Parameters): number[] => [
    ((rate as number) - 0.2) ** 2 + ((part as number) - 0.2) ** 2,
  ];

  it('draws half of its proposals independently once a rule has stopped most, and learns from the order of those', () => {
    expect(lastProposals(() => 1).far).toBeLessThan(5);
    const { far, near } = lastProposals(() => 0.1);
    expect(far).toBeGreaterThan(25);
    expect(far).toBeLessThan(60);
    expect(near).toBeLessThan(0.01);
  });
});

describe('search: gaussian-process', () => {
  it('refuses more configurations than it can model', () => {
    const spec = sweep({ training: { learningRate: { uniform: [0.1, 1] } }, search: { trials: 501 } });
    expect(() => samplers['gaussian-process'].configurations(spec)).toThrow(/^search\.trials: .* at most 500 .* tpe$/);
  });

  it('looks beside its best points where that helps, and elsewhere where it only repeats them', () => {
    const space = toSpace({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] }, c: { uniform: [0, 1] } });
    const bowl = (parameters: Parameters): number =>
      ['a', 'b', 'c'].reduce((sum, path) => sum + ((parameters[path] as number) - 0.3) ** 2, 0);
    // Equal in each cell of a grid of width 0.25, and unrelated from one cell to the next.
    const cells = (parameters: Parameters): number => {
      const [a, b, c] = ['a', 'b', 'c'].map((path) => Math.floor((parameters[path] as number) * 4)) as [
        number,
        number,
        number,
      ];
      return randomNumbers(7, a * 16 + b * 4 + c, 0).next();
    };
    const beside = (value: (parameters: Parameters) => number): number => {
      const { points } = runSearch(samplers['gaussian-process'], space, 60, {
        values: (parameters) => [value(parameters)],
      });
      const valued = points.map((point) => ({
        point,
        value: value(drawAt(space, (dimension) => point[dimension]!).parameters),
      }));
      const late = valued.slice(40).filter(({ point }, index) => {
        const best = valued.slice(0, 40 + index).reduce((a, b) => (b.value < a.value ? b : a));
        return Math.hypot(...best.point.map((at, dimension) => at - point[dimension]!)) < 0.05;
      });
      return late.length;
    };
    const [smooth, rough] = [beside(bowl), beside(cells)];
    expect(smooth).toBeGreaterThan(6);
    expect(rough).toBeLessThan(3);
  });
});

describe('a search by estimated densities', () => {
  it('converges to the better branch and its best value', () => {
    const space = toSpace({ ...ranges, ...lists });
    const values = (parameters: Parameters): number[] => [
      parameters['cell'] === 'lstm' ? ((parameters['cell.forget'] as number) - 1) ** 2 : 3,
    ];
    const { points } = runSearch(samplers.tpe, space, 100, { values });
    const late = points.slice(-20).map((point) => drawAt(space, (dimension) => point[dimension]!).parameters);
    expect(late.filter(({ cell }) => cell === 'lstm').length).toBeGreaterThan(15);
    const near = late.filter((each) => Math.abs((each['cell.forget'] as number) - 1) < 0.4);
    expect(near.length).toBeGreaterThan(12);
  });

  it('does not depend on the order of older outcomes', () => {
    const space = toSpace(ranges);
    const points = Array.from({ length: 60 }, (_, number) => {
      const numbers = randomNumbers(3, number, 0);
      return pointAt(space, freePoint(space), () => numbers.next());
    });
    const after = (order: number[]): Point => {
      const suggester = samplers.tpe.open(space, 1);
      for (const number of order) suggester.learn({ number, point: points[number]!, values: [number], share: 1 });
      const ask = { number: 60, attempt: 0, fixed: freePoint(space), running: [], allows: () => true };
      return suggester.suggest({ ...ask, numbers: randomNumbers(1, 60, 0) });
    };
    const order = points.map((_, number) => number);
    expect(after(order)).toEqual(after(order.toReversed()));
  });
});

describe('grid search', () => {
  it.each([
    [{ model: { hiddenSize: { choice: [1, 2] } } }, 'model.hiddenSize'],
    [{ training: { learningRate: { uniform: [0.1, 1] } } }, 'training.learningRate'],
    [
      { training: { optimizer: { grid: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.5] } }] } } },
      'training.optimizer.momentum',
    ],
  ])('refuses %j, with the path that is not a grid', (changes, path) => {
    expect(() => samplers.grid.configurations(sweep({ ...grids, ...changes, search: 'grid' }))).toThrow(
      `${path}: search: grid supports only grids`,
    );
  });

  it('accepts a number of trials equal to the grid size', () => {
    expect(samplers.grid.configurations(sweep({ ...grids, search: { algorithm: 'grid', trials: 6 } }))).toBe(6);
    expect(() => samplers.grid.configurations(sweep({ ...grids, search: { algorithm: 'grid', trials: 12 } }))).toThrow(
      'search.trials: the grid has 6 points: leave trials out, or set it to 6',
    );
  });

  it('without a grid has one configuration', () => {
    expect(samplers.grid.configurations(sweep({ search: 'grid' }))).toBe(1);
  });
});
