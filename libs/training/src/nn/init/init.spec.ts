import { modelSpec, type ModelSpec } from '@unroll/contracts';
import { bodyParameters } from '../body';
import { initialValues, logicalShape } from '../parameter';

type Initialisation = Partial<ModelSpec['initialisation']>;

/** The first values of a parameter of a layer of 64 units over 48 numbers, with PyTorch's shape. */
function makeStart(name: string, initialisation: Initialisation, cell: ModelSpec['cell'] = 'lstm', seed = 1) {
  const model = modelSpec.parse({ cell, hiddenSize: 64, initialisation });
  const parameter = bodyParameters(model, 48, '').find((each) => each.name === name)!;
  return { values: initialValues(parameter, seed), shape: logicalShape(parameter) };
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const variance = (values: Float32Array): number => values.reduce((sum, x) => sum + x * x, 0) / values.length;

describe('weights', () => {
  it.each([
    ['default', 1 / 8],
    ['xavier', Math.sqrt(6 / (48 + 64))],
    ['he', Math.sqrt(6 / 48)],
  ] as const)('start by %s uniform within the bound of one gate', (input, bound) => {
    const { values, shape } = makeStart('weight_ih_l0', { input });
    expect(shape).toEqual([256, 48]);
    expect(largest(values)).toBeLessThanOrEqual(bound);
    expect(largest(values)).toBeGreaterThan(0.999 * bound);
    expect(variance(values) / (bound ** 2 / 3)).toBeCloseTo(1, 1);
  });

  it('start by orthogonal with orthonormal rows or columns in each block', () => {
    for (const [name, columns] of [
      ['weight_hh_l0', 64],
      ['weight_ih_l0', 48],
    ] as const) {
      const { values } = makeStart(name, { input: 'orthogonal', recurrent: 'orthogonal' });
      for (let block = 0; block < 4; block++)
        for (let a = 0; a < columns; a++)
          for (let b = 0; b <= a; b++) {
            let product = 0;
            for (let row = 0; row < 64; row++)
              product += values[(block * 64 + row) * columns + a]! * values[(block * 64 + row) * columns + b]!;
            if (Math.abs(product - Number(a === b)) > 1e-5) throw new Error(`columns ${a} and ${b}: ${product}`);
          }
    }
  });

  it('start by identity as the identity in the block of each gate', () => {
    const { values, shape } = makeStart('weight_hh_l0', { recurrent: 'identity' });
    const [rows, columns] = shape as [number, number];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        if (values[row * columns + column] !== Number(row % 64 === column)) throw new Error(`${row}, ${column}`);
  });

  it('of a recurrent vector start at 1 by identity, else within ±1', () => {
    expect(new Set(makeStart('weight_hh_l0', { recurrent: 'identity' }, 'ind-rnn').values)).toEqual(new Set([1]));
    expect(largest(makeStart('weight_hh_l0', {}, 'ind-rnn').values)).toBeGreaterThan(0.9);
  });

  it('of the decay of an RG-LRU start where its power is in [0.9, 0.999]', () => {
    const powers = makeStart('lambda_l0', {}, 'rg-lru').values.map((lambda) => (1 + Math.exp(-lambda)) ** -8);
    expect(Math.min(...powers)).toBeGreaterThan(0.9 - 1e-6);
    expect(Math.min(...powers)).toBeLessThan(0.91);
    expect(Math.max(...powers)).toBeLessThan(0.999 + 1e-6);
    expect(Math.max(...powers)).toBeGreaterThan(0.99);
  });

  it.each([
    ['lstm', 1, 1 / 8],
    ['peephole-lstm', 1, 1 / 8],
    ['layer-norm-lstm', 1, 0],
    ['min-lstm', 0, 1 / 8],
  ] as const)('start the forget bias of %s in b_ih alone', (cell, block, bound) => {
    const { values } = makeStart('bias_ih_l0', { forgetBias: 2 }, cell);
    const [forget, others] = [
      values.subarray(block * 64, (block + 1) * 64),
      values.filter((_, index) => Math.floor(index / 64) !== block),
    ];
    expect(new Set(forget)).toEqual(new Set([2]));
    expect(largest(others)).toBeLessThanOrEqual(bound);
    const hidden = ['lstm', 'peephole-lstm'].includes(cell)
      ? makeStart('bias_hh_l0', { forgetBias: 2 }, cell).values
      : [];
    expect([...hidden.slice(64, 128)].every((value) => value === 0)).toBe(true);
  });

  it('differ by seed, and are the same for the same seed', () => {
    const of = (seed: number): Float32Array =>
      makeStart('weight_hh_l0', { recurrent: 'orthogonal' }, 'gru', seed).values;
    expect(of(1)).toEqual(of(1));
    expect(of(2)).not.toEqual(of(1));
  });
});
