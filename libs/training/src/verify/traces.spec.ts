import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyCodePath } from '../testing/for-each-engine';
import { openEngine } from '../backends/open-engine';
import { relativeError } from './comparison';
import { verifyTraces, type TraceTable } from './traces';

const table = JSON.parse(
  readFileSync(join(__dirname, '../../../../tests/reference/training-traces.json'), 'utf8'),
) as TraceTable;

describe.each(everyCodePath)('training on $label', ({ name, open }) => {
  it("follows PyTorch's losses, norms and final weights in the runs of the table, and leaves no tensor behind", async () => {
    const engine = await open();
    const { tensors } = engine.memory();
    // The slow engine trains the runs of one cell only: `unroll verify` has them all.
    const runs = table.runs.filter((run) => name !== 'cpu' || (run.cell === 'rnn' && run.nonlinearity !== 'relu'));
    const verifications = await verifyTraces({ runs }, engine);
    expect(verifications).toHaveLength(name !== 'cpu' ? 32 : 8);
    expect(verifications.filter(({ passed }) => !passed)).toEqual([]);
    expect(engine.memory().tensors).toBe(tensors);
  });
});

describe('a trace', () => {
  const [run] = table.runs.filter(({ name }) => name === 'lstm adamw, k1 2 k2 4');

  it.each([
    ['another k2', { k2: 2 }],
    ['stateless instead of stateful', { stateful: false }],
    ['another clipping', { clipNorm: 0.05 }],
    ['another weight decay', { options: { lr: 0.03, weight_decay: 0 } }],
    ['another learning rate', { options: { lr: 0.031 } }],
  ])('is not matched with %s', async (_, change) => {
    const [verification] = await verifyTraces({ runs: [{ ...run!, ...change }] }, await openEngine('wasm'));
    expect(verification!.passed).toBe(false);
  });
});

describe('the relative error', () => {
  it('is the Euclidean norm of the difference over that of the truth, NaN for a NaN, infinite for another length', () => {
    expect(relativeError([3, 4.5], [3, 4])).toBeCloseTo(0.1, 12);
    expect(relativeError([0.5], [0])).toBe(0.5);
    expect(relativeError([NaN], [1])).toBeNaN();
    expect(relativeError([1], [1, 2])).toBe(Infinity);
  });
});
