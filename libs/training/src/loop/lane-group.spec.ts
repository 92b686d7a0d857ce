import { modelSpec, type ModelSpec } from '@unroll/contracts';
import { tokensInMemory } from '@unroll/datasets';
import { everyFastEngine } from '../testing/for-each-engine';
import { plainLane, type Lane } from './lane';
import { LaneGroup } from './lane-group';
import { arrayShape, extract, initialValues, logicalShape, place } from '../nn/parameter';
import { languageModelParameters } from '../tasks/language-model';
import { openLanguageModel } from '../tasks/language-model';
import { contiguousStreams } from '../batches/streams';

const makeModel = (cell: ModelSpec['cell'], hiddenSize: number): ModelSpec =>
  modelSpec.parse({ cell, hiddenSize, layers: 2, embeddingSize: 3 });
const vocabulary = ['a', 'b', 'c', 'd', 'e'];

function openGroup(
  cell: ModelSpec['cell'],
  text: Uint16Array,
  batch: number,
  k: { k1: number; k2: number },
): LaneGroup {
  const model = makeModel(cell, 6);
  const streams = contiguousStreams(tokensInMemory(text), batch);
  const lane: Lane = {
    ...plainLane,
    parameters: languageModelParameters(model, vocabulary.length),
    seed: 1,
    optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
    learningRate: 0.05,
    clipNorm: 1,
  };
  const task = openLanguageModel(
    model,
    { bptt: k, stateful: true },
    { vocabulary, tokens: 'character' },
    {
      train: streams,
      validation: streams,
    },
  );
  return new LaneGroup([lane], task, (each, parameter) => initialValues(parameter, each.seed));
}

const text = Uint16Array.from({ length: 41 }, (_, index) => (index * index + 3 * index) % 5);

const everyCell = (['rnn', 'lstm', 'gru'] as const).flatMap((cell) => everyFastEngine.map((way) => ({ ...way, cell })));

describe.each(everyCell)('a group of the cell $cell on $label', ({ cell, open }) => {
  beforeAll(() => open());

  it('keeps the padding of its parameters at exactly 0 while they train', () => {
    const group = openGroup(cell, text, 2, { k1: 4, k2: 8 });
    for (let update = 0; update < 5; update++) group.advance().dispose();
    const flat = group.parameters.flat.dataSync() as Float32Array;
    let offset = 0;
    for (const parameter of group.lanes[0]!.parameters) {
      const [rows, columns] = arrayShape(parameter);
      const ours = flat.slice(offset, offset + rows * columns);
      const logical = extract(parameter, ours, 0);
      expect(logical.every((value) => value !== 0)).toBe(true);
      place(parameter, new Float32Array(logical.length), ours, 0);
      expect(ours.every((value) => value === 0)).toBe(true);
      offset += rows * columns;
    }
    group.dispose();
  });

  it('measures the same held-out loss whatever the window and the batch that masks its tail', async () => {
    const losses: number[] = [];
    for (const [k1, k2] of [
      [40, 40],
      [7, 7],
      [6, 12],
      [64, 64],
    ] as const) {
      const group = openGroup(cell, text, 1, { k1, k2 });
      const [metrics] = await group.evaluate([0], () => Promise.resolve());
      losses.push(metrics!.loss!);
      group.dispose();
    }
    for (const loss of losses) expect(loss).toBeCloseTo(losses[0]!, 5);
  });

  it('learns the same from a window with a masked tail as from one that fits', () => {
    const [fits, masks] = [10, 16].map((k) => openGroup(cell, text.subarray(0, 11), 1, { k1: k, k2: k }));
    for (let update = 0; update < 4; update++) {
      const [a, b] = [fits!, masks!].map((group) => group.advance());
      const [ours, theirs] = [a!.dataSync(), b!.dataSync()];
      ours.forEach((value, index) => expect(value).toBeCloseTo(theirs[index]!, 4));
      a!.dispose();
      b!.dispose();
    }
    fits!.dispose();
    masks!.dispose();
  });
});

describe('parameters', () => {
  it("have PyTorch's names and shapes", () => {
    expect(languageModelParameters(makeModel('gru', 6), 5).map((each) => [each.name, logicalShape(each)])).toEqual([
      ['embedding.weight', [5, 3]],
      ['recurrent.weight_ih_l0', [18, 3]],
      ['recurrent.weight_hh_l0', [18, 6]],
      ['recurrent.bias_ih_l0', [18]],
      ['recurrent.bias_hh_l0', [18]],
      ['recurrent.weight_ih_l1', [18, 6]],
      ['recurrent.weight_hh_l1', [18, 6]],
      ['recurrent.bias_ih_l1', [18]],
      ['recurrent.bias_hh_l1', [18]],
      ['output.weight', [5, 6]],
      ['output.bias', [5]],
    ]);
  });

  it('are read back as they were placed, each value in a place of its own', () => {
    for (const parameter of languageModelParameters(makeModel('lstm', 37), 5)) {
      const [rows, columns] = arrayShape(parameter);
      const count = logicalShape(parameter).reduce((product, size) => product * size, 1);
      const values = Float32Array.from({ length: count }, (_, index) => index + 1);
      const array = new Float32Array(rows * columns);
      place(parameter, values, array, 0);
      expect(extract(parameter, array, 0)).toEqual(values);
      expect(array.filter((value) => value !== 0)).toHaveLength(count);
    }
  });

  it('start within ±1/√hidden, the embedding normal, and differ by name and seed', () => {
    const parameters = languageModelParameters(makeModel('lstm', 100), 50);
    const values = new Map(parameters.map((each) => [each.name, initialValues(each, 1)]));
    const recurrent = values.get('recurrent.weight_hh_l0')!;
    expect(Math.max(...recurrent.subarray(0, 10_000).map(Math.abs))).toBeLessThanOrEqual(0.1);
    expect(Math.max(...recurrent.subarray(0, 10_000).map(Math.abs))).toBeGreaterThan(0.0999);
    expect(Math.max(...values.get('embedding.weight')!.map(Math.abs))).toBeGreaterThan(2);
    expect(values.get('recurrent.weight_hh_l1')).not.toEqual(recurrent);
    expect(initialValues(parameters[2]!, 2)).not.toEqual(initialValues(parameters[2]!, 1));
  });
});
