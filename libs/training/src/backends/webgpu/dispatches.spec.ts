import { cellNames, cells, trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DatasetBytes } from '@unroll/datasets';
import { Entry } from '../../loop/entry';
import { tf, type Tensor } from '../../tensor/tfjs';
import { someOf } from '../../testing/some-of';
import { describeGpu, reason } from '../../testing/webgpu.fixture';
import { combinations, type Combination } from '../../verify/conformance/combinations';
import { tinyData } from '../../verify/conformance/data';
import { answersOf, modelOf } from '../../verify/conformance/run';
import { kernelCases } from '../../verify/tensorflow-kernels';
import type { Engine } from '../engine/engine';
import { openEngine } from '../open-engine';

/** Of Dawn's classes, what compiles and runs shaders. */
const stubbed = {
  GPUDevice: ['createShaderModule', 'createComputePipeline', 'createBindGroup'],
  GPUComputePassEncoder: ['setPipeline', 'setBindGroup', 'dispatchWorkgroups'],
} as const;

const text: DatasetBytes = { kind: 'text', bytes: Buffer.from('the quick brown fox jumps. '.repeat(20)) };
const pairs: DatasetBytes = {
  kind: 'pairs',
  bytes: Buffer.from(
    Array.from({ length: 24 }, (_, row) => `${'abcdefg'.slice(row % 4)}\t${'gfedcba'.slice(row % 3)}`).join('\n'),
  ),
};
const trees: DatasetBytes = {
  kind: 'labelled',
  bytes: Buffer.from(
    Array.from({ length: 24 }, (_, row) => `(${row % 2} (0 (1 a) (0 b)) (1 ${'(0 a) '.repeat(2)}))`).join('\n'),
  ),
};

const makeSpec = (model: object, training: object, task: object | string = 'language-model'): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.25 } },
    task,
    model: { hiddenSize: 16, embeddingSize: 16, ...model },
    training: { batchSize: 4, updates: 9, reportEvery: 9, diagnostics: false, ...training },
  });

// What is dispatched does not depend on what a shader computes, and a software GPU takes up to two seconds to compile one.
describeGpu(`the dispatches of an update on a GPU${reason}`, () => {
  let engine: Engine;
  let dispatches: jest.SpyInstance;

  beforeAll(async () => {
    engine = await openEngine('webgpu');
    const nothing = { getBindGroupLayout: () => ({}) };
    for (const [name, methods] of Object.entries(stubbed)) {
      const { prototype } = (globalThis as unknown as Record<string, { prototype: Record<string, () => object> }>)[
        name
      ]!;
      for (const method of methods) {
        const spy = jest.spyOn(prototype, method).mockReturnValue(nothing);
        if (method === 'dispatchWorkgroups') dispatches = spy;
      }
    }
  });

  afterAll(() => jest.restoreAllMocks());

  /** Of the third update: the first ones put data and weights on the device. */
  function countDispatches(spec: TrialSpec, source = text, scaled = false): number {
    const { data } = prepare(source, spec);
    const entry = new Entry(spec, data, engine, scaled);
    const group = entry.enter([{ id: '0', spec }]);
    const counts = [1, 2, 3].map(() => {
      const before = dispatches.mock.calls.length;
      group.advance().dispose();
      engine.submit!();
      return dispatches.mock.calls.length - before;
    });
    group.dispose();
    entry.opened.dispose?.();
    return counts[2]!;
  }

  it.each(cellNames)('are at most 40 with a layer of %s, and as many for a window twice as long', (cell) => {
    const [short, long] = [8, 16].map((bptt) => countDispatches(makeSpec({ cell }, { bptt })));
    expect(short).toBeGreaterThan(15);
    expect(short).toBeLessThanOrEqual(cell === 'lstm' ? 24 : 40);
    expect(long).toBe(short);
  });

  it.each(['lstm', 'gru', 'layer-norm-lstm'])('are three more with products of float16 and a layer of %s', (cell) => {
    const spec = makeSpec({ cell }, { bptt: 8 });
    const plain = countDispatches(spec);
    engine.usePrecision!('float16');
    // Recurrent weights are packed, for the gradient in place of being transposed; the gradient is unscaled, and judged.
    expect(countDispatches(spec, text, true)).toBe(plain + 3);
    engine.usePrecision!('float32');
  });

  it.each(someOf(cellNames, 3))(
    'do not grow with the window either where layers of %s are residual, learn their first states and drop some of them',
    (cell) => {
      const { recurrence, states } = cells[cell];
      const model = {
        ...{ cell, layers: 2, residual: true, dropout: 0.2 },
        recurrentDropout: recurrence === 'none' ? 0 : 0.2,
        weightDrop: recurrence === 'matrix' ? 0.2 : 0,
        learnedInitialState: states.length > 0,
      };
      const [short, long] = [8, 16].map((bptt) => countDispatches(makeSpec(model, { bptt, stateful: false })));
      expect(long).toBe(short);
      expect(short).toBeLessThanOrEqual(120);
    },
  );

  /** Everything that a trial computes, for what it is worth. */
  async function computeAll(combination: Combination): Promise<void> {
    const { spec, input } = combination;
    const { data } = prepare(tinyData(input), spec);
    const entry = new Entry(spec, data, engine);
    const group = entry.enter([{ id: '0', spec }]);
    const tick = (): Promise<void> => Promise.resolve();
    group.advance(spec.training.diagnostics).dispose();
    group.advance().dispose();
    await group.evaluate([0], tick);
    await group.sample([0], 3, () => Promise.resolve());
    if (spec.training.diagnostics) await group.diagnose([0]);
    if (spec.training.diagnostics) await group.snapshots([0], [await group.readFlat(0)]);
    const weights = await group.weights(0);
    group.dispose();
    entry.opened.dispose?.();
    const result = { state: 'completed' as const, updates: 2, weights, weightsUpdate: 2, metrics: {} };
    const model = modelOf(combination, { result, reports: [], checkpoint: undefined });
    // A beam of texts finds none among probabilities that are 0.
    await answersOf(combination, model).catch(() => undefined);
  }

  /** A training for each kind of data of each task, or all of the table. */
  function someTrainings(): Combination[] {
    const { tried } = combinations('pairs');
    if (process.env.UNROLL_TEST_ALL) return tried;
    const kinds = new Map(tried.map((each) => [JSON.stringify(each.input), each]));
    return [...kinds.values()];
  }

  it('leave no tensor and give no whole number or truth value to a kernel of TensorFlow.js that unroll verify does not try with it', async () => {
    const seen = new Set<string>();
    const plain = tf.engine().runKernel.bind(tf.engine());
    const watched = jest.spyOn(tf.engine(), 'runKernel').mockImplementation((name, inputs, attributes) => {
      const types = [...new Set(Object.values(inputs).map((each) => (each as Tensor | undefined)?.dtype ?? 'float32'))];
      const isOurs = tf.getKernel(name, 'cpu') === undefined;
      if (!isOurs && types.some((type) => type !== 'float32')) seen.add(`${name} of ${types.sort().join(', ')}`);
      return plain(name, inputs, attributes);
    });
    for (const { compute } of kernelCases) compute().dispose();
    const tried = new Set(seen);
    seen.clear();
    const leaving: string[] = [];
    for (const each of someTrainings()) {
      const before = engine.memory().tensors;
      await computeAll(each);
      if (engine.memory().tensors !== before) leaving.push(each.name);
    }
    watched.mockRestore();
    expect(leaving).toEqual([]);
    expect(tried.size).toBeGreaterThan(40);
    expect([...seen].filter((each) => !tried.has(each))).toEqual([]);
    expect(seen.size).toBeGreaterThan(10);
  }, 1_800_000);

  it.each([
    ['none', 36],
    ['dot', 50],
    ['general', 53],
    ['additive', 56],
  ])('are few of a decoder with attention %s', (attention, most) => {
    const spec = makeSpec({ cell: 'gru' }, {}, { kind: 'sequence-to-sequence', attention });
    expect(countDispatches(spec, pairs)).toBeLessThanOrEqual(most);
  });

  it('are few of trees of three levels', () => {
    expect(countDispatches(makeSpec({ cell: 'lstm' }, {}, 'tree-classification'), trees)).toBeLessThanOrEqual(56);
  });
});
