import { existsSync } from 'node:fs';
import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, tokensInMemory, type Sequences } from '@unroll/datasets';
import { withTokenDropout, withTokenDropoutThere } from '../augmentation';
import { cells } from '../cells/cells';
import { dropoutMask, type MaskShape } from '../layers/dropout';
import { lookup } from '../layers/lookup';
import { recurrentLayer } from '../layers/recurrent';
import type { LaneResult } from '../lane-request';
import { laneMemory } from '../lane-memory';
import { forgetSequences } from '../tasks/device-sequences';
import { deviceWindows } from '../tasks/device-windows';
import { padded } from '../tasks/example-batches';
import { contiguousStreams, windowArrays } from '../tasks/streams';
import { plainPosition } from '../tasks/task';
import { train, type TrainOptions } from '../train';
import { openEngine } from './open-engine';
import { tf, type Tensor } from './tfjs';
import { describeAdapters, failureOf, openDevice, type Device } from './webgpu-device';

/** A processor that plays a GPU: jest.config.mjs names its driver where it is there. */
const driver = process.env.VK_DRIVER_FILES;
const there = driver !== undefined && existsSync(driver);
const describeGpu = there ? describe : describe.skip;
const reason = there ? '' : ' (skipped: there is no SwiftShader, which comes with Debian’s package chromium)';
if (there) process.env.UNROLL_GPU = 'software';

const wave = (shape: number[], phase: number, size = 1): Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: shape.reduce((product, each) => product * each, 1) },
      (_, index) => size * Math.sin(1.7 * index + phase),
    ),
    shape,
  );

interface Layer {
  cell: string;
  hidden: number;
  lanes: number;
  steps: number;
  batch: number;
  reverse: boolean;
  masked: boolean;
  probed?: boolean;
}

/** The outputs, final states and all gradients of a layer on an engine, one list after the other. */
async function layerOn(engine: 'webgpu' | 'cpu', layer: Layer): Promise<Float32Array[]> {
  await openEngine(engine);
  const { hidden, lanes, steps, batch, reverse, masked, probed } = layer;
  const cell = cells.get(layer.cell)!;
  const wide = cell.gates * hidden;
  const results = tf.tidy(() => {
    const valid = masked
      ? tf.tensor(
          Uint8Array.from({ length: lanes * steps * batch }, (_, index) =>
            Number(
              Math.floor(index / batch) % steps < 1 + (((index % batch) + Math.floor(index / (steps * batch))) % steps),
            ),
          ),
          [lanes, steps, batch],
          'bool',
        )
      : undefined;
    const inputs = [
      wave([lanes, steps, batch, wide], 0.3),
      wave([lanes, hidden, wide], 0.7, 0.3),
      ...Array.from({ length: cell.states }, (_, index) => wave([lanes, batch, hidden], index)),
      ...(cell.separateRecurrentBias ? [wave([lanes, 1, wide], 0.2)] : []),
      ...(probed ? [tf.zeros([lanes, steps, batch, hidden])] : []),
    ];
    const run = (given: readonly Tensor[]): Tensor[] => {
      const states = given.slice(2, 2 + cell.states);
      const result = recurrentLayer(
        cell,
        {
          ...{ projected: given[0]!, kernel: given[1]!, states, valid },
          bias: cell.separateRecurrentBias ? given[2 + cell.states] : undefined,
          probe: probed ? given.at(-1) : undefined,
        },
        { reverse, training: true },
      );
      return [result.outputs, ...result.states];
    };
    const gradients = tf.grads((...given: Tensor[]) =>
      tf.addN(run(given).map((each, index) => tf.sum(tf.mul(each, wave(each.shape, index))))),
    )(inputs);
    return [...run(inputs), ...gradients];
  });
  return Promise.all(
    results.map(async (each) => {
      const values = (await each.data()) as Float32Array;
      each.dispose();
      return values.slice();
    }),
  );
}

function relative(ours: Float32Array, theirs: Float32Array): number {
  let [difference, size] = [0, 0];
  theirs.forEach((value, index) => {
    difference += (ours[index]! - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference / size);
}

describeGpu(`a fused recurrent layer in WGSL${reason}`, () => {
  it.each([
    { cell: 'rnn-tanh', hidden: 32, lanes: 2, steps: 5, batch: 3, reverse: false, masked: false },
    { cell: 'rnn-relu', hidden: 96, lanes: 1, steps: 3, batch: 9, reverse: true, masked: true },
    { cell: 'lstm', hidden: 32, lanes: 3, steps: 4, batch: 17, reverse: false, masked: true, probed: true },
    { cell: 'lstm', hidden: 64, lanes: 1, steps: 4, batch: 5, reverse: true, masked: false },
    { cell: 'gru', hidden: 32, lanes: 2, steps: 4, batch: 5, reverse: true, masked: true, probed: true },
    { cell: 'rnn-tanh', hidden: 64, lanes: 2, steps: 3, batch: 2, reverse: false, masked: false, probed: true },
    { cell: 'gru', hidden: 512, lanes: 1, steps: 2, batch: 3, reverse: false, masked: false },
    { cell: 'lstm', hidden: 5, lanes: 2, steps: 3, batch: 2, reverse: false, masked: false },
  ])('gives what plain operations give: %j', async (layer) => {
    const [ours, theirs] = [await layerOn('webgpu', layer), await layerOn('cpu', layer)];
    ours.forEach((values, index) => expect(relative(values, theirs[index]!)).toBeLessThan(1e-5));
  });
});

describeGpu(`what lies on a GPU${reason}`, () => {
  const valuesOf = async (tensor: Tensor): Promise<number[]> => [...(await tensor.data())];

  it.each([
    { lanes: 3, rows: 7, width: 5, count: 150 },
    { lanes: 1, rows: 2, width: 130, count: 64 },
    { lanes: 2, rows: 40, width: 64, count: 3 },
  ])('is summed by row as on the processor: %j', async ({ lanes, rows, width, count }) => {
    const gradientOn = async (engine: 'webgpu' | 'cpu'): Promise<Float32Array> => {
      await openEngine(engine);
      const ids = Int32Array.from({ length: lanes * count }, (_, at) => (at * at + 3 * at) % rows);
      const gradient = tf.tidy(() =>
        tf.grad((table: Tensor) => {
          const taken = lookup(table, tf.tensor2d(ids, [lanes, count], 'int32'));
          return tf.sum(tf.mul(taken, wave(taken.shape, 0.4)));
        })(tf.ones([lanes, rows, width])),
      );
      return (await gradient.data()) as Float32Array;
    };
    expect(relative(await gradientOn('webgpu'), await gradientOn('cpu'))).toBeLessThan(1e-6);
  });

  it('is cut into the windows that the processor cuts', async () => {
    await openEngine('webgpu');
    const streams = contiguousStreams(tokensInMemory(Uint16Array.from({ length: 300 }, (_, at) => at)), 6);
    for (const window of [
      { scored: 5, context: 0 },
      { scored: 3, context: 6 },
    ]) {
      const windows = deviceWindows(streams, window)!;
      const found = windows.at([3, 5, 4])!;
      const { ids, classes } = windowArrays(streams, window, [3, 5, 4]);
      expect(await valuesOf(found.ids)).toEqual([...ids]);
      expect(await valuesOf(found.classes)).toEqual([...classes]);
      expect([found.ids.shape, found.classes.shape]).toEqual([
        [3, window.scored + window.context, 6],
        [3, window.scored * 6],
      ]);
      // The first has nothing before it, the last reaches past the end of the shorter streams.
      expect(window.context > 0 ? windows.at([0]) : undefined).toBeUndefined();
      expect(windows.at([Math.ceil(50 / window.scored) - 1])).toBeUndefined();
      windows.dispose();
    }
  });
});

describeGpu(`what is drawn on a GPU${reason}`, () => {
  const positions = [
    { ...plainPosition, seed: 7, update: 3, augmentation: { ...plainPosition.augmentation, tokenDropout: 0.4 } },
    {
      ...plainPosition,
      seed: 2 ** 32 - 1,
      update: 1,
      augmentation: { ...plainPosition.augmentation, tokenDropout: 0.9 },
    },
  ];

  it('drops the units that the processor drops', async () => {
    const lanes = [
      { seed: 7, update: 3, rate: 0.25 },
      { seed: 2 ** 32 - 1, update: 90_000, rate: 0.999 },
    ];
    const drawnOn = async (engine: 'webgpu' | 'cpu', shape: MaskShape): Promise<unknown> => {
      await openEngine(engine);
      return tf.tidy(() => dropoutMask(lanes, 'output 1', shape)!).data();
    };
    for (const shape of [
      { rows: 40, blocks: 2, width: 33 },
      { rows: 1, blocks: 1, width: 1 },
    ])
      expect(await drawnOn('webgpu', shape)).toEqual(await drawnOn('cpu', shape));
  });

  it.each([65, 1_000_003])(
    'replaces the tokens of a vocabulary of %j that the processor replaces',
    async (vocabulary) => {
      await openEngine('webgpu');
      const ids = Int32Array.from({ length: 2 * 900 }, (_, at) => at % vocabulary);
      const there = withTokenDropoutThere(tf.tensor3d(ids, [2, 30, 30], 'int32'), positions, vocabulary)!;
      expect(await there.data()).toEqual(withTokenDropout(ids, positions, vocabulary));
      expect(there.shape).toEqual([2, 30, 30]);
    },
  );

  it('puts sequences side by side as the processor does, tokens and vectors', async () => {
    const offsets = Int32Array.of(0, 3, 4, 9, 11);
    const rows = [Int32Array.of(2, 0), Int32Array.of(3)];
    const values = Float32Array.from({ length: 22 }, (_, at) => at + 0.5);
    const tokens: Sequences = { kind: 'tokens', offsets, ids: Uint16Array.from({ length: 11 }, (_, at) => at + 1) };
    const vectors: Sequences = { kind: 'vectors', offsets, width: 2, values };
    for (const inputs of [tokens, vectors]) {
      const batchOn = async (engine: 'webgpu' | 'cpu') => {
        await openEngine(engine);
        const batch = tf.tidy(() => padded(inputs, rows, 2).inputs);
        return { shape: batch.shape, values: await batch.data() };
      };
      expect(await batchOn('webgpu')).toEqual(await batchOn('cpu'));
      await openEngine('webgpu');
      forgetSequences([inputs]);
    }
  });
});

const text = 'the quick brown fox jumps over the lazy dog, and the dog sleeps on. '.repeat(8);

const specOf = (seed: number, changes: object = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a' },
    task: 'language-model',
    model: { cell: 'lstm', hiddenSize: 20 + seed, embeddingSize: 8 },
    training: { bptt: 6, batchSize: 5, updates: 4, reportEvery: 4, seed, learningRate: 0.02, ...changes },
  });

async function trained(specs: readonly TrialSpec[], options: Partial<TrainOptions> = {}): Promise<LaneResult[]> {
  const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, specs[0]!);
  return train(
    specs.map((spec, index) => ({ id: String(index), spec })),
    data,
    { engine: await openEngine('webgpu'), sampleLength: 0, onReport: () => undefined, ...options },
  );
}

describeGpu(`lanes on a GPU${reason}`, () => {
  it('give what each gives alone, at unequal widths, whatever becomes of the others', async () => {
    // The second goes astray at once.
    const specs = [specOf(1), specOf(2, { learningRate: 1000, divergence: { norm: 1e-6 } }), specOf(3)];
    const together = await trained(specs);
    expect(together.map(({ state }) => state)).toEqual(['completed', 'diverged', 'completed']);
    for (const lane of [0, 2]) {
      const [alone] = await trained([specs[lane]!]);
      for (const [name, { values }] of Object.entries(alone!.weights!))
        expect(relative(together[lane]!.weights![name]!.values, values)).toBeLessThan(1e-4);
    }
  });

  it.each(['adam', 'adamw', 'rmsprop', 'sgd', 'adagrad'])('learn with %s as on the processor', async (optimizer) => {
    const spec = specOf(1, { optimizer, clipNorm: 0.1 });
    const [onGpu] = await trained([spec]);
    const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, spec);
    const [onCpu] = await train([{ id: '0', spec }], data, {
      engine: await openEngine('cpu'),
      sampleLength: 0,
      onReport: () => undefined,
    });
    for (const [name, { values }] of Object.entries(onCpu!.weights!))
      expect(relative(onGpu!.weights![name]!.values, values)).toBeLessThan(1e-4);
  });

  it('drop units and tokens as on the processor', async () => {
    const spec = specOf(1, { augmentation: { tokenDropout: 0.3 } });
    const dropping = { ...spec, model: { ...spec.model, layers: 2, dropout: 0.3 } };
    const [onGpu] = await trained([dropping]);
    const [onCpu] = await trained([dropping], { engine: await openEngine('cpu') });
    for (const [name, { values }] of Object.entries(onCpu!.weights!))
      expect(relative(onGpu!.weights![name]!.values, values)).toBeLessThan(1e-4);
  });

  it('learn from sequences that lie there as from the processor’s', async () => {
    const rows = Array.from({ length: 24 }, (_, at) =>
      JSON.stringify({ text: 'xyz'.repeat(1 + (at % 4)) + 'ab'[at % 2]!, label: 'AB'[at % 2] }),
    );
    const spec = trialSpec.parse({
      dataset: { name: 'a' },
      task: 'classification',
      model: { cell: 'gru', hiddenSize: 20, embeddingSize: 8 },
      training: { batchSize: 5, updates: 8, reportEvery: 4, learningRate: 0.02 },
    });
    const { data } = prepare({ kind: 'labelled', bytes: Buffer.from(rows.join('\n')) }, spec);
    const on = async (engine: 'webgpu' | 'cpu'): Promise<LaneResult> => {
      const options = { engine: await openEngine(engine), sampleLength: 0, onReport: () => undefined };
      return (await train([{ id: '0', spec }], data, options))[0]!;
    };
    const [onGpu, onCpu] = [await on('webgpu'), await on('cpu')];
    for (const [name, { values }] of Object.entries(onCpu.weights!))
      expect(relative(onGpu.weights![name]!.values, values)).toBeLessThan(1e-4);
    expect(onGpu.metrics!['validation.loss']).toBeCloseTo(onCpu.metrics!['validation.loss']!, 4);
  });

  it('may begin beside others that stand elsewhere, with the numbers that they have alone', async () => {
    let updates = 0;
    const late = { id: 'late', spec: specOf(2) };
    const [, joined] = await trained([specOf(1)], { arrivals: () => (++updates === 2 ? [late] : []) });
    const [alone] = await trained([late.spec]);
    for (const [name, { values }] of Object.entries(alone!.weights!))
      expect(relative(joined!.weights![name]!.values, values)).toBeLessThan(1e-4);
  });

  it('leave no tensor and no memory behind', async () => {
    await trained([specOf(1)]);
    const engine = await openEngine('webgpu');
    const before = engine.memory();
    await trained([specOf(1), specOf(2)]);
    expect(engine.memory()).toEqual(before);
  });

  it('take the memory that is said', async () => {
    const [spec, other] = [1, 2].map((seed) => specOf(seed, { updates: 6, reportEvery: 6, diagnostics: false }));
    const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, spec!);
    const engine = await openEngine('webgpu');
    const before = engine.memory().bytes;
    let most = 0;
    const notice = (count: number): void => {
      if (count < 6) most = engine.memory().bytes - before;
    };
    await trained([spec!, other!], { onUpdate: notice });
    const { bytes } = laneMemory(spec!, data, engine.codePath);
    expect((2 * bytes) / most).toBeGreaterThan(0.8);
    expect((2 * bytes) / most).toBeLessThan(1.5);
  });

  it('are handed over once an update', async () => {
    const engine = await openEngine('webgpu');
    const counts: number[] = [];
    await trained([specOf(1, { updates: 8, reportEvery: 8 })], { onUpdate: () => counts.push(engine.submissions!()) });
    expect(counts.slice(1, 7).map((count, index) => count - counts[index]!)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('say what happened where the device is lost, and the next ones have another device', async () => {
    const engine = await openEngine('webgpu');
    const { device } = tf.backend() as unknown as { device: Device };
    const failing = trained([specOf(1, { updates: 1000 })], { onUpdate: (count) => count === 2 && device.destroy() });
    await expect(failing).rejects.toThrow(/^the GPU was lost \(destroyed\): /);
    expect(await engine.broken).toMatch(/^the GPU was lost/);
    const [again] = await trained([specOf(1)]);
    expect(again!.state).toBe('completed');
  });
});

describeGpu(`a GPU${reason}`, () => {
  it('is listed with its number, its kind and its memory', async () => {
    const [first] = await describeAdapters();
    expect(first).toMatchObject({ index: 0, kind: 'processor that plays a GPU' });
    expect(first!.name).toMatch(/SwiftShader/);
    expect(first!.largestTensor).toBeGreaterThanOrEqual(2 ** 27);
    expect(first!.memory).toBeGreaterThan(first!.largestTensor);
  });

  it('is chosen by a number that is there', async () => {
    await expect(openDevice('7')).rejects.toThrow(/^there is no GPU "7"; there is 0: SwiftShader/);
  });

  it.each([
    ['GPUOutOfMemoryError', 'the GPU is out of memory: no room'],
    ['GPUValidationError', 'the GPU refused a command: no room'],
  ])('can no longer be used after a %s', async (name, said) => {
    await openEngine('webgpu');
    const Refusal = (globalThis as unknown as Record<string, new (message: string) => Error>)[name]!;
    const device = {
      lost: new Promise(() => undefined),
      addEventListener: (_: string, listen: (event: object) => void) =>
        listen({ error: new Refusal('no room\nfor a buffer') }),
    };
    expect(await failureOf(device as unknown as Device)).toBe(said);
  });
});
