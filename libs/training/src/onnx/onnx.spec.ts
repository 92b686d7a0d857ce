import type { Model } from '../models/model-file';
import { chords, echoes, makeSpec, sums, text, trained, wave, words, type Changes } from '../testing/models.fixture';
import { onnxDifference, onnxRuntime, onnxTolerance } from './check';
import { exportOnnx } from './export';

const runtime = onnxRuntime();
const tasks = [
  ['language-model', text, { kind: 'language-model' }],
  ['classification', words, { kind: 'classification' }],
  ['classification by the mean', words, { kind: 'classification', pooling: 'mean' }],
  ['classification by attention', words, { kind: 'classification', pooling: 'attention' }],
  ['tagging', echoes, { kind: 'tagging' }],
  ['regression', sums, { kind: 'regression' }],
  ['forecasting', wave, { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 }],
  ['multilabel-frames', chords, { kind: 'multilabel-frames' }],
] as const;
const models = [
  ['rnn', { cell: 'rnn' }],
  ['rnn with relu', { cell: 'rnn', nonlinearity: 'relu' }],
  ['lstm', { cell: 'lstm' }],
  ['gru', { cell: 'gru' }],
  ['peephole-lstm', { cell: 'peephole-lstm' }],
  ['a stack', { cell: 'lstm', layers: 3 }],
  ['a residual stack', { cell: 'gru', layers: 3, residual: true }],
  ['both directions', { cell: 'gru', bidirectional: true }],
  ['a residual stack in both directions', { cell: 'lstm', layers: 2, bidirectional: true, residual: true }],
  ['layers of different sizes', { cell: 'lstm', layerSizes: [16, 12, 12], residual: true }],
  [
    'learned initial states of layers of different sizes',
    { cell: 'gru', layerSizes: [6, 12], learnedInitialState: true, bidirectional: true },
  ],
  ['learned initial states', { cell: 'lstm', layers: 2, learnedInitialState: true, bidirectional: true }],
] as const;
const causal = ['language-model', 'multilabel-frames'];

/** Trained a little, so that no weight is where it began. */
const modelFor = async (source: Parameters<typeof trained>[0], task: object, model: object): Promise<Model> => {
  const training: Changes['training'] = { updates: 12, learningRate: 0.05 };
  return (await trained(source, [makeSpec(task, { model, training })])).model;
};

const described = runtime ? describe : describe.skip;
described(runtime ? 'a graph in onnxruntime-node' : 'a graph (skipped: onnxruntime-node is not installed)', () => {
  // The first task with every model; each other one with every third, so that all meet every task's head or a like one.
  const pairs = tasks.flatMap(([name, source, task], row) =>
    models
      .filter(([, model]) => !('bidirectional' in model && causal.includes(task.kind)))
      .filter((_, index) => process.env.UNROLL_TEST_ALL || row === 0 || (row + index) % 3 === 0)
      .map(([what, model]) => [name, what, source, task, model] as const),
  );

  it.each(pairs)('of %s with %s gives the outputs of its model', async (_, __, source, task, model) => {
    const own = await modelFor(source, task, model);
    expect(await onnxDifference(exportOnnx(own), own, runtime!)).toBeLessThanOrEqual(onnxTolerance);
  });

  it('of other weights is found to differ', async () => {
    const own = await modelFor(words, { kind: 'classification' }, { cell: 'lstm' });
    const weights = { ...own.weights };
    const { shape, values } = weights['recurrent.weight_hh_l0']!;
    weights['recurrent.weight_hh_l0'] = { shape, values: values.map((value) => value + 0.01) };
    expect(await onnxDifference(exportOnnx({ ...own, weights }), own, runtime!)).toBeGreaterThan(onnxTolerance);
  });

  it('of a language model whose output layer is its embedding gives its outputs, from one copy of the weights', async () => {
    const plain = await modelFor(text, { kind: 'language-model' }, { cell: 'lstm', hiddenSize: 12, embeddingSize: 12 });
    const own = await modelFor(
      text,
      { kind: 'language-model' },
      { cell: 'lstm', layerSizes: [9, 12], embeddingSize: 12, tieWeights: true },
    );
    expect(Object.keys(own.weights)).not.toContain('output.weight');
    expect(await onnxDifference(exportOnnx(own), own, runtime!)).toBeLessThanOrEqual(onnxTolerance);
    expect(plain.weights['output.weight']!.shape).toEqual(own.weights['embedding.weight']!.shape);
  });

  it('carries the state of a language model from run to run', async () => {
    const own = await modelFor(text, { kind: 'language-model' }, { cell: 'lstm', layers: 2 });
    const session = await runtime!.InferenceSession.create(exportOnnx(own), {});
    const zeros = () => new runtime!.Tensor('float32', new Float32Array(24), [2, 1, 12]);
    const ids = (values: number[]) =>
      new runtime!.Tensor('int64', BigInt64Array.from(values.map(BigInt)), [1, values.length]);
    const whole = await session.run({ ids: ids([1, 2, 3, 4]), h: zeros(), c: zeros() });
    const first = await session.run({ ids: ids([1, 2]), h: zeros(), c: zeros() });
    const second = await session.run({ ids: ids([3, 4]), h: first.h_out, c: first.c_out });
    const half = whole.logits!.data.length / 2;
    const expected = Array.from(whole.logits!.data).slice(half);
    Array.from(second.logits!.data).forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 5));
    await session.release();
  });
});

describe('an export', () => {
  it('of a cell that ONNX has no operator for is refused', async () => {
    const own = await modelFor(words, { kind: 'classification' }, { cell: 'min-gru' });
    expect(() => exportOnnx(own)).toThrow(
      'ONNX has no operator for the cell min-gru; it has one for rnn, lstm, gru, peephole-lstm',
    );
  });
});
