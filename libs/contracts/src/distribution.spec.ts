import fc from 'fast-check';
import { distributionIssues, distributionKeys, isDistribution } from './distribution';
import { sweepSpec } from './sweep-spec';
import { validate, ValidationError } from './validation';

const refusal = (key: 'training' | 'model', leaf: Record<string, unknown>): string => {
  try {
    validate(sweepSpec, { dataset: 'a', task: 'language-model', [key]: leaf });
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  return '';
};

describe('a distribution', () => {
  it('is an object with an own key of a distribution', () => {
    for (const key of distributionKeys) expect(isDistribution({ [key]: [1, 2] })).toBe(true);
    expect(isDistribution({ kind: 'adam' })).toBe(false);
    expect(isDistribution(Object.create({ grid: [1] }))).toBe(false);
    for (const value of [null, undefined, 'grid', 3, [1]]) expect(isDistribution(value)).toBe(false);
  });

  it.each([
    [{ learningRate: { uniform: [0, 1] } }, 'training.learningRate.uniform[0]: must be above 0, not 0'],
    [{ learningRate: { uniform: [1, 1001] } }, 'training.learningRate.uniform[1]: must be at most 1000, not 1001'],
    [{ learningRate: { uniform: [2, 1] } }, 'training.learningRate.uniform: the first number must be below the second'],
    [{ learningRate: { uniform: [1, 1] } }, 'training.learningRate.uniform: the first number must be below the second'],
    [{ learningRate: { uniform: [1] } }, 'training.learningRate.uniform: needs two numbers: [from, to]'],
    [{ learningRate: { uniform: [1, 2, 3] } }, 'training.learningRate.uniform: needs two numbers: [from, to]'],
    [{ learningRate: { uniform: 5 } }, 'training.learningRate.uniform: needs two numbers: [from, to]'],
    [{ learningRate: { uniform: [1, 'b'] } }, 'training.learningRate.uniform[1]: must be a number, not "b"'],
    [{ learningRate: { normal: [1, 0] } }, 'training.learningRate.normal[1]: must be above 0, not 0'],
    [{ learningRate: { choice: [] } }, 'training.learningRate.choice: needs at least 1 value'],
    [{ learningRate: { choice: 5 } }, 'training.learningRate.choice: must be a list, not 5'],
    [{ learningRate: { choice: [1, -1] } }, 'training.learningRate.choice[1]: must be above 0, not -1'],
    [
      { learningRate: { choice: [0.1, 1, 1e-1] } },
      'training.learningRate.choice[2]: is in the list already; once is enough',
    ],
    [{ batchSize: { grid: [16, 16, 32] } }, 'training.batchSize.grid[1]: is in the list already; once is enough'],
    [
      { optimizer: { choice: [{ kind: 'sgd', momentum: 0.5 }, 'adam', { momentum: 0.5, kind: 'sgd' }] } },
      'training.optimizer.choice[2]: is in the list already; once is enough',
    ],
    [{ learningRate: { uniform: [1, 2], choice: [1] } }, 'training.learningRate.uniform: unknown key'],
    [{ batchSize: { int: [1, 100_000] } }, 'training.batchSize.int[1]: must be at most 65536, not 100000'],
    [{ batchSize: { int: [1, 9], stp: 2 } }, 'training.batchSize.stp: unknown key; did you mean step?'],
    [{ batchSize: { int: [1, 9], step: 0 } }, 'training.batchSize.step: must be at least 1, not 0'],
    [{ batchSize: { int: [1, 9], step: 2, log: true } }, 'training.batchSize.step: log and step exclude each other'],
    [
      { optimizer: { grid: [{ kind: 'sgd', momentum: 1 }] } },
      'training.optimizer.grid[0].momentum: must be below 1, not 1',
    ],
  ])('that makes no sense is refused: %j', (training, message) => {
    expect(refusal('training', training)).toBe(message);
  });

  it('of any kind has a width that is a number, and no value twice', () => {
    const issues = (given: object): string[] =>
      distributionIssues({ a: given }).map(({ path, message }) => `${path.join('.')}: ${message}`);
    const wide = 'the difference of both numbers must be below 1.8e308, the largest number';
    expect(issues({ uniform: [-1e308, 1e308] })).toEqual([`a.uniform: ${wide}`]);
    expect(issues({ int: [-1e308, 1e308] })).toEqual([`a.int: ${wide}`]);
    expect(issues({ uniform: [-8e307, 8e307] })).toEqual([]);
    expect(issues({ int: [0, 2 ** 53] })).toEqual([]);
    const inexact = 'both ends must be within ±2^53, up to which whole numbers are exact';
    expect(issues({ int: [0, 2 ** 62] })).toEqual([`a.int: ${inexact}`]);
    expect(issues({ choice: [1, '1', null, 'null', [1], [1, 1], true, 1] })).toEqual([
      'a.choice.7: is in the list already; once is enough',
    ]);
  });

  it('below zero is refused on a log scale', () => {
    expect(refusal('training', { divergence: { norm: { logUniform: [-1, 2] } } })).toContain('above 0');
    expect(refusal('training', { optimizer: { kind: 'adam', weightDecay: { logUniform: [0, 0.1] } } })).toBe(
      'training.optimizer.weightDecay.logUniform: both ends must be above 0 on a log scale',
    );
  });

  it('of fractions does not fit a whole number, and no range fits a word', () => {
    expect(refusal('model', { hiddenSize: { uniform: [2, 9] } })).toContain('model.hiddenSize: must be a number');
    expect(refusal('training', { bptt: { uniform: [2, 9] } })).toContain('training.bptt: must be a number');
    expect(refusal('model', { hiddenSize: { int: [1.5, 9] } })).toContain('int[0]: must be a whole number, not 1.5');
    expect(refusal('model', { cell: { uniform: [1, 2] } })).toBe(
      'model.cell: must be one of rnn, lstm, gru, layer-norm-lstm, peephole-lstm, min-gru, min-lstm, ind-rnn, rg-lru, lru, selective-ssm, slstm, mlstm, feed-forward, transformer',
    );
    expect(refusal('model', { bidirectional: { int: [0, 1] } })).toContain(
      'model.bidirectional: must be true or false',
    );
  });

  it('may contain options with distributions of their own', () => {
    expect(
      refusal('model', {
        choice: [{ cell: 'gru', hiddenSize: { int: [8, 64] } }, { cell: { grid: ['rnn', 'lstm'] } }],
      }),
    ).toBe('');
    expect(
      refusal('training', { optimizer: { grid: [{ kind: 'sgd', momentum: { uniform: [0, 0.9] } }, 'adam'] } }),
    ).toBe('');
    expect(refusal('training', { bptt: { choice: [32, { k1: 16, k2: 32 }] } })).toBe('');
    expect(refusal('training', { clipNorm: { choice: [null, 1] } })).toBe('');
  });

  it('is accepted exactly if both ends are allowed and in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 9000 }), fc.integer({ min: -5, max: 9000 }), (from, to) => {
        expect(refusal('model', { hiddenSize: { int: [from, to] } }) === '').toBe(from >= 1 && to <= 8192 && from < to);
      }),
    );
  });
});
