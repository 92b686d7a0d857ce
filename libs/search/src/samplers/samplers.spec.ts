import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { gridSize } from '../space';
import { samplers } from '.';
import { searched } from './searched';

const sweep = (changes: Record<string, unknown>): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });
const grids = { model: { cell: { grid: ['rnn', 'gru'] }, layers: { grid: [1, 2, 3] } } };

describe.each(Object.values(samplers))('the sampler $algorithm', (sampler) => {
  const spec = sweep({ ...grids, search: { algorithm: sampler.algorithm } });

  it('is listed under its own name', () => {
    expect(samplers[sampler.algorithm]).toBe(sampler);
  });

  it('suggests the same again, in whatever order it is asked', () => {
    const numbers = Array.from({ length: sampler.configurations(spec) }, (_, number) => number);
    const forwards = numbers.map((number) => sampler.suggest(spec, number, 0));
    const backwards = numbers.toReversed().map((number) => sampler.suggest(spec, number, 0));
    expect(backwards.toReversed()).toEqual(forwards);
  });

  it('runs the product of the grids once where nothing else is said', () => {
    expect(sampler.configurations(spec)).toBe(6);
    const seen = Array.from({ length: 6 }, (_, number) => JSON.stringify(sampler.suggest(spec, number, 0).parameters));
    expect(new Set(seen).size).toBe(gridSize(searched(spec)));
  });

  it('refuses a number of trials that does not fit the grids', () => {
    const uneven = sweep({ ...grids, search: { algorithm: sampler.algorithm, trials: 7 } });
    expect(() => sampler.configurations(uneven)).toThrow(/^search\.trials: /);
  });
});

describe('random search', () => {
  it('tries ten configurations, or as many as it is told', () => {
    const training = { learningRate: { uniform: [0.1, 1] } };
    expect(samplers.random.configurations(sweep({ training }))).toBe(10);
    expect(samplers.random.configurations(sweep({ training, search: { trials: 3 } }))).toBe(3);
    expect(samplers.random.configurations(sweep({}))).toBe(1);
  });

  it('refuses trials that are no multiple of the grids, and names the next that is', () => {
    expect(() => samplers.random.configurations(sweep({ ...grids, search: { trials: 7 } }))).toThrow(
      'search.trials: must be a multiple of the 6 points of the grids, such as 12, not 7',
    );
    expect(samplers.random.configurations(sweep({ ...grids, search: { trials: 18 } }))).toBe(18);
  });

  it('draws leaves independently of each other, and anew at each attempt', () => {
    const spec = sweep({
      training: { learningRate: { uniform: [0.1, 1] }, clipNorm: { uniform: [0.1, 1] } },
      search: { trials: 500 },
    });
    const pairs = Array.from({ length: 500 }, (_, number) => {
      const { parameters } = samplers.random.suggest(spec, number, 0);
      return [parameters['training.learningRate'] as number, parameters['training.clipNorm'] as number] as const;
    });
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const [a, b] = [mean(pairs.map(([x]) => x)), mean(pairs.map(([, y]) => y))];
    expect(a).toBeCloseTo(0.55, 1);
    const covariance = mean(pairs.map(([x, y]) => (x - a) * (y - b)));
    expect(Math.abs(covariance / (0.9 ** 2 / 12))).toBeLessThan(0.15);
    expect(samplers.random.suggest(spec, 0, 1)).not.toEqual(samplers.random.suggest(spec, 0, 0));
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
  ])('refuses %j, naming what is no grid', (changes, path) => {
    expect(() => samplers.grid.configurations(sweep({ ...grids, ...changes, search: 'grid' }))).toThrow(
      `${path}: search: grid takes grids alone`,
    );
  });

  it('takes trials that say what the grid says', () => {
    expect(samplers.grid.configurations(sweep({ ...grids, search: { algorithm: 'grid', trials: 6 } }))).toBe(6);
    expect(() => samplers.grid.configurations(sweep({ ...grids, search: { algorithm: 'grid', trials: 12 } }))).toThrow(
      'search.trials: the grid has 6 points: leave trials out, or write 6',
    );
  });

  it('of no grid is one configuration', () => {
    expect(samplers.grid.configurations(sweep({ search: 'grid' }))).toBe(1);
  });
});
