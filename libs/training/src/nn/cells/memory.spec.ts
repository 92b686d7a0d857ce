import { trialSpec, type ModelSpec } from '@unroll/contracts';
import { prepare } from '@unroll/datasets';
import { stream } from '@unroll/random';
import { train } from '../../loop/train';
import { openFastest } from '../../testing/for-each-engine';
import { someOf } from '../../testing/some-of';

const letters = 'abcd';
const steps = 12;

/** Sequences of letters, of which one in the first half is a capital, the class: a gate that sees only the input can tell. */
function makeRows(count: number): string {
  const random = stream(5, 'noise');
  const draw = (row: number, step: number): string => letters[Math.floor(4 * random.uniform(row, step))]!;
  return Array.from({ length: count }, (_, row) => {
    const place = Math.floor((steps / 2) * random.uniform(row, steps));
    const each = Array.from({ length: steps }, (_step, step) => draw(row, step));
    const text = each.with(place, each[place]!.toUpperCase()).join('');
    return JSON.stringify({ text, label: each[place] });
  }).join('\n');
}

describe('a memory of one letter among many', () => {
  const remembering: ModelSpec['cell'][] = ['lstm', 'rg-lru', 'lru', 'selective-ssm', 'slstm', 'mlstm'];

  it.each(someOf(remembering, 3))('is learned by %s', async (cell) => {
    const spec = trialSpec.parse({
      dataset: { name: 'a', split: { validation: 0.25 } },
      task: { kind: 'classification', pooling: 'last', tokens: 'character' },
      model: { cell, hiddenSize: 24, embeddingSize: 8 },
      training: { batchSize: 32, updates: 300, reportEvery: 300, learningRate: 0.01, diagnostics: false },
    });
    const { data } = prepare({ kind: 'labelled', bytes: Buffer.from(makeRows(600)) }, spec);
    const options = { engine: await openFastest(), onReport: () => undefined };
    const [result] = await train([{ id: '0', spec }], data, options);
    expect(result!.metrics!['validation.accuracy']).toBeGreaterThan(0.95);
  });
});
