import { parseDocument, sweepSpec, validate, ValidationError, type SweepSpec } from '@unroll/contracts';
import fc from 'fast-check';
import { checkSweep } from '../checks/sweep';
import { firstTrials, sweepSize, type Proposal } from './proposals';

const sweep = (changes: Record<string, unknown> = {}): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });
const all = (spec: SweepSpec): Proposal[] => firstTrials(spec, checkSweep(spec).trials);

const rich = {
  model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: { int: [8, 64] } },
  training: {
    learningRate: { logUniform: [1e-4, 1e-2] },
    optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.9] } }] },
  },
};

describe('the proposals of a sweep', () => {
  it('depend only on the sweep and its seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat({ max: 29 }), (seed, trial) => {
        const make = (): SweepSpec => sweep({ ...rich, search: { trials: 30, seed } });
        expect(firstTrials(make(), trial + 1).at(-1)).toEqual(firstTrials(make(), trial + 1).at(-1));
      }),
      { numRuns: 30 },
    );
  });

  it('differ under another seed', () => {
    const rates = (seed: number): number[] =>
      all(sweep({ ...rich, search: { trials: 6, seed } })).map(({ spec }) => spec.training.learningRate);
    expect(rates(1)).toEqual(rates(1));
    expect(new Set([...rates(1), ...rates(2)]).size).toBe(12);
  });

  it('do not change if the sweep has more trials', () => {
    const few = all(sweep({ ...rich, search: { trials: 3 } }));
    expect(all(sweep({ ...rich, search: { trials: 9 } })).slice(0, 3)).toEqual(few);
  });

  it('give every grid point an equal number of draws', () => {
    const cells = all(sweep({ ...rich, search: { trials: 12 } })).map(({ spec }) => spec.model.cell);
    expect(cells.filter((cell) => cell === 'gru')).toHaveLength(4);
    expect(cells.filter((cell) => cell === 'rnn')).toHaveLength(4);
  });

  it('are complete trials within the space', () => {
    for (const { spec, parameters } of all(sweep({ ...rich, search: { trials: 60 } }))) {
      expect(spec.training.batchSize).toBe(32);
      expect(spec.model.hiddenSize).toBeGreaterThanOrEqual(8);
      expect(spec.model.hiddenSize).toBeLessThanOrEqual(64);
      expect(parameters['model.hiddenSize']).toBe(spec.model.hiddenSize);
      expect(parameters['training.optimizer']).toBe(spec.training.optimizer.kind);
      expect('training.optimizer.momentum' in parameters).toBe(spec.training.optimizer.kind === 'sgd');
    }
  });

  it('redraw values of a normal distribution outside the allowed range', () => {
    const rates = all(sweep({ training: { learningRate: { normal: [0.001, 0.01] } }, search: { trials: 200 } })).map(
      ({ spec }) => spec.training.learningRate,
    );
    expect(rates.every((rate) => rate > 0)).toBe(true);
    expect(new Set(rates).size).toBe(200);
  });

  it('redraw a normal distribution within an option too', () => {
    const optimizer = { choice: [{ kind: 'sgd', momentum: { normal: [0.5, 1] } }, 'adam'] };
    for (const { spec } of all(sweep({ training: { optimizer }, search: { trials: 100 } }))) {
      const momentum = 'momentum' in spec.training.optimizer ? spec.training.optimizer.momentum : 0;
      expect(momentum >= 0 && momentum < 1).toBe(true);
    }
  });

  it('are refused if a normal distribution yields almost no valid values', () => {
    expect(() => checkSweep(sweep({ training: { learningRate: { normal: [-100, 1] } } }))).toThrow(
      /^training\.learningRate: must be above 0/,
    );
  });

  it('repeat each configuration with consecutive seeds from training.seed', () => {
    const spec = sweep({ ...rich, training: { ...rich.training, seed: 5 }, search: { trials: 3, repeats: 2 } });
    expect(sweepSize(spec)).toEqual({ configurations: 3, seeds: 2, trials: 6 });
    const proposals = all(spec);
    expect(proposals.map(({ configuration, seed }) => [configuration, seed])).toEqual([
      [0, 5],
      [0, 6],
      [1, 5],
      [1, 6],
      [2, 5],
      [2, 6],
    ]);
    expect(proposals.map(({ seed, spec: { training } }) => training.seed - seed)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(proposals[0]!.parameters).toEqual(proposals[1]!.parameters);
  });

  it('repeat each configuration with the listed seeds', () => {
    const spec = sweep({ ...rich, model: {}, search: { trials: 2, seeds: [9, 4] } });
    expect(all(spec).map(({ configuration, spec: { training } }) => [configuration, training.seed])).toEqual([
      [0, 9],
      [0, 4],
      [1, 9],
      [1, 4],
    ]);
  });
});

describe('a sweep is refused', () => {
  const refusal = (changes: Record<string, unknown>): string => {
    try {
      checkSweep(sweep(changes));
    } catch (error) {
      if (error instanceof ValidationError) return error.message;
      throw error;
    }
    return '';
  };

  it('if training.seed is a distribution at any level', () => {
    const message =
      /^training\.seed: must be a plain number; to repeat with several seeds, use search\.repeats or search\.seeds$/;
    expect(refusal({ training: { seed: { choice: [1, 2] } } })).toMatch(message);
    expect(refusal({ training: { choice: [{ seed: { int: [1, 9] } }, { updates: 3 }] } })).toMatch(message);
    expect(refusal({ training: { seed: 3 } })).toBe('');
  });

  it('if repeats exceed the largest seed', () => {
    expect(refusal({ training: { seed: 2 ** 32 - 1 }, search: { repeats: 2 } })).toMatch(
      /^search\.repeats: 2 seeds .* maximum, 4294967295$/,
    );
    expect(refusal({ training: { seed: 2 ** 32 - 2 }, search: { repeats: 2 } })).toBe('');
  });

  it('if an invalid combination may be drawn', () => {
    expect(refusal({ model: { bidirectional: { choice: [true, false] } } })).toMatch(
      /^model\.bidirectional: language-model cannot/,
    );
    expect(refusal({ model: { cell: { grid: ['rnn', 'gru'] }, nonlinearity: { grid: ['tanh', 'relu'] } } })).toMatch(
      /^model\.nonlinearity: \S+ has no choice of nonlinearity/,
    );
    expect(refusal({ training: { bptt: { k1: { grid: [2, 3] }, k2: 4 } } })).toBe(
      'training.bptt.k2: must be a multiple of k1',
    );
  });

  it('at once if its grids span a trillion points', () => {
    const grid = Array.from({ length: 1000 }, (_, index) => index + 1);
    const huge = {
      model: { hiddenSize: { grid }, embeddingSize: { grid } },
      training: { batchSize: { grid }, updates: { grid } },
    };
    const before = process.cpuUsage();
    expect(refusal({ ...huge, search: { trials: 5 } })).toMatch(/^the grids span 1,000,000,000,000 points/);
    expect(refusal({ ...huge, search: 'grid' })).toMatch(/^the grids span 1,000,000,000,000 points/);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });

  it('never, and quickly, with the maximum of trials and options', () => {
    const from = (first: number) => ({ choice: Array.from({ length: 1000 }, (_, index) => index + first) });
    const option = (_: unknown, index: number) => ({ hiddenSize: from(index + 1), embeddingSize: from(1) });
    const wide = { choice: Array.from({ length: 30 }, option) };
    const before = process.cpuUsage();
    expect(refusal({ model: wide, search: { trials: 100_000 } })).toBe('');
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
  });

  it('never for being YAML, which gives the same proposals as the object', () => {
    const yaml =
      'dataset: a\ntask: language-model\ntraining: {learningRate: {logUniform: [1e-4, 1e-2]}}\nsearch: {trials: 2}';
    const same = sweep({ training: { learningRate: { logUniform: [0.0001, 0.01] } }, search: { trials: 2 } });
    expect(all(validate(sweepSpec, parseDocument(yaml)))).toEqual(all(same));
  });
});
