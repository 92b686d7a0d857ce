import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type PreparedData } from '@unroll/datasets';
import type { LaneResult } from '../../loop/lane-request';
import { laneMemory } from '../../loop/lane-memory';
import { train } from '../../loop/train';
import type { TrainOptions } from '../../loop/train-options';
import { openEngine } from '../open-engine';
import { backendAs } from '../../tensor/tfjs';
import { describeAdapters, openDevice, watchDevice, type Device } from './device';
import { someOf } from '../../testing/some-of';
import { describeGpu, reason, relative } from '../../testing/webgpu.fixture';

const text = 'the quick brown fox jumps over the lazy dog, and the dog sleeps on. '.repeat(5);

const makeSpec = (seed: number, changes: object = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a' },
    task: 'language-model',
    // Its products all have the same tile: a software GPU compiles a shader in up to 2 s.
    model: { cell: 'gru', hiddenSize: 20 + seed, embeddingSize: 8 },
    training: { bptt: 6, batchSize: 5, updates: 3, reportEvery: 3, seed, learningRate: 0.02, ...changes },
  });

async function trained(specs: readonly TrialSpec[], options: Partial<TrainOptions> = {}): Promise<LaneResult[]> {
  const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, specs[0]!);
  return train(
    specs.map((spec, index) => ({ id: String(index), spec })),
    data,
    { engine: await openEngine('webgpu'), sampleLength: 0, onReport: () => undefined, ...options },
  );
}

/** Trains on the GPU and on the processor: the losses and the weights are the same. */
async function expectAsOnProcessor(spec: TrialSpec, data: PreparedData): Promise<void> {
  const on = async (engine: 'webgpu' | 'wasm'): Promise<LaneResult> => {
    const options = { engine: await openEngine(engine), sampleLength: 0, onReport: () => undefined };
    return (await train([{ id: '0', spec }], data, options))[0]!;
  };
  const [onGpu, onCpu] = [await on('webgpu'), await on('wasm')];
  expect(onGpu.metrics!['validation.loss']).toBeCloseTo(onCpu.metrics!['validation.loss']!, 4);
  for (const [name, { values }] of Object.entries(onCpu.weights!))
    expect(relative(onGpu.weights![name]!.values, values)).toBeLessThan(1e-4);
}

describeGpu(`lanes on a GPU${reason}`, () => {
  it('give the same as each alone, bit for bit, at unequal widths, whatever happens to the others', async () => {
    // The second goes astray at once.
    const specs = [makeSpec(1), makeSpec(2, { learningRate: 1000, divergence: { norm: 1e-6 } }), makeSpec(3)];
    const together = await trained(specs);
    expect(together.map(({ state }) => state)).toEqual(['completed', 'diverged', 'completed']);
    for (const lane of [0, 2]) {
      const [alone] = await trained([specs[lane]!]);
      for (const [name, { values }] of Object.entries(alone!.weights!))
        expect(together[lane]!.weights![name]!.values).toEqual(values);
    }
  });

  it.each(someOf(['peephole-lstm', 'layer-norm-lstm']))(
    'of %s with recurrent dropout give the same as each alone',
    async (cell) => {
      const changes = { updates: 2, reportEvery: 2, bptt: 60, diagnostics: false };
      const specs = [1, 2].map((seed) => ({
        ...makeSpec(seed, changes),
        model: { ...makeSpec(1).model, cell, hiddenSize: 20, recurrentDropout: 0.3 } as TrialSpec['model'],
      }));
      const together = await trained(specs);
      const [alone] = await trained([specs[1]!]);
      for (const [name, { values }] of Object.entries(alone!.weights!))
        expect(together[1]!.weights![name]!.values).toEqual(values);
    },
  );

  it.each(someOf(['adam', 'adamw', 'rmsprop', 'sgd', 'adagrad'], 5))(
    'learn with %s as on the processor',
    async (optimizer) => {
      const spec = makeSpec(1, { optimizer, clipNorm: 0.1, diagnostics: false });
      const [onGpu] = await trained([spec]);
      const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, spec);
      const [onCpu] = await train([{ id: '0', spec }], data, {
        engine: await openEngine('wasm'),
        sampleLength: 0,
        onReport: () => undefined,
      });
      for (const [name, { values }] of Object.entries(onCpu!.weights!))
        expect(relative(onGpu!.weights![name]!.values, values)).toBeLessThan(1e-4);
    },
  );

  it('drop units and tokens as on the processor', async () => {
    const spec = makeSpec(1, { augmentation: { tokenDropout: 0.3 }, diagnostics: false });
    const dropping = { ...spec, model: { ...spec.model, layers: 2, dropout: 0.3 } };
    const [onGpu] = await trained([dropping]);
    const [onCpu] = await trained([dropping], { engine: await openEngine('wasm') });
    for (const [name, { values }] of Object.entries(onCpu!.weights!))
      expect(relative(onGpu!.weights![name]!.values, values)).toBeLessThan(1e-4);
  });

  it('learn from sequences on the device as from the processor’s', async () => {
    const rows = Array.from({ length: 24 }, (_, at) =>
      JSON.stringify({ text: 'xyz'.repeat(1 + (at % 4)) + 'ab'[at % 2]!, label: 'AB'[at % 2] }),
    );
    const spec = trialSpec.parse({
      dataset: { name: 'a' },
      task: 'classification',
      model: { cell: 'gru', hiddenSize: 20, embeddingSize: 8 },
      // Windows at whose borders some sequences have ended.
      training: { bptt: 4, batchSize: 5, updates: 4, reportEvery: 4, learningRate: 0.02, diagnostics: false },
    });
    const { data } = prepare({ kind: 'labelled', bytes: Buffer.from(rows.join('\n')) }, spec);
    await expectAsOnProcessor(spec, data);
  });

  const pairs = ['abc', 'ba', 'cabca', 'bb', 'acbacb', 'cab'].flatMap((letters) => [letters, `${letters}a`]);
  const source = pairs.map((letters) => `${letters}\t${[...letters].toReversed().join('')}`).join('\n');
  it.each(
    someOf(
      [
        ['sequence-to-sequence', { kind: 'sequence-to-sequence' }, 'gru', 'pairs', source],
        ['sequence-to-sequence by dot', { kind: 'sequence-to-sequence', attention: 'dot' }, 'lstm', 'pairs', source],
        ['language-model of a transformer', { kind: 'language-model' }, 'transformer', 'text', text],
      ] as const,
      2,
    ),
  )('learn %s as on the processor', async (_, task, cell, kind, content) => {
    const spec = trialSpec.parse({
      dataset: { name: 'a', split: { validation: 0.3 } },
      task,
      model: { cell, hiddenSize: 16, embeddingSize: 8 },
      // Adam would make steps of rounding errors where a gradient is zero, as that of a bias of keys is.
      training: {
        bptt: 6,
        batchSize: 3,
        updates: 3,
        reportEvery: 3,
        optimizer: 'sgd',
        learningRate: 0.1,
        diagnostics: false,
      },
    });
    const { data } = prepare({ kind, bytes: Buffer.from(content) }, spec);
    await expectAsOnProcessor(spec, data);
  });

  it('may begin beside others that stand elsewhere, with the numbers that they have alone', async () => {
    let updates = 0;
    const late = { id: 'late', spec: makeSpec(2, { diagnostics: false }) };
    const [, joined] = await trained([makeSpec(1, { diagnostics: false })], {
      arrivals: () => (++updates === 2 ? [late] : []),
    });
    const [alone] = await trained([late.spec]);
    for (const [name, { values }] of Object.entries(alone!.weights!))
      expect(joined!.weights![name]!.values).toEqual(values);
  });

  it('leave no tensor and no memory behind', async () => {
    await trained([makeSpec(1)]);
    const engine = await openEngine('webgpu');
    const before = engine.memory();
    await trained([makeSpec(1), makeSpec(2)]);
    expect(engine.memory()).toEqual(before);
  });

  it.each(someOf(['gru', 'layer-norm-lstm']))('take the memory that is said: %s', async (cell) => {
    const [spec, other] = [1, 2].map((seed): TrialSpec => {
      const { model, ...rest } = makeSpec(seed, { updates: 6, reportEvery: 6, diagnostics: false });
      return { ...rest, model: { ...model, hiddenSize: 20, cell: cell as TrialSpec['model']['cell'] } };
    });
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
    await trained([makeSpec(1, { updates: 8, reportEvery: 8, diagnostics: false })], {
      onUpdate: () => counts.push(engine.submissions!()),
    });
    expect(counts.slice(1, 7).map((count, index) => count - counts[index]!)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('say what happened where the device is lost, and the next ones have another device', async () => {
    const engine = await openEngine('webgpu');
    const { device } = backendAs<{ device: Device }>();
    const failing = trained([makeSpec(1, { updates: 1000 })], { onUpdate: (count) => count === 2 && device.destroy() });
    await expect(failing).rejects.toThrow(/^the GPU was lost \(destroyed\): /);
    expect(await engine.broken).toMatch(/^the GPU was lost/);
    const spec = makeSpec(1, { updates: 1, diagnostics: false });
    const [again] = await trained([{ ...spec, model: { ...spec.model, cell: 'feed-forward' } }]);
    expect(again!.state).toBe('completed');
  });
});

describeGpu(`a GPU${reason}`, () => {
  it('is listed with its number, its kind, its memory and its precisions', async () => {
    const [first] = await describeAdapters();
    expect(first).toMatchObject({ index: 0, kind: 'software GPU' });
    expect(first!.name).toMatch(/SwiftShader/);
    expect(first!.largestTensor).toBeGreaterThanOrEqual(2 ** 27);
    expect(first!.memory).toBeGreaterThan(first!.largestTensor);
    expect(first!.hasHalf).toBe((await openEngine('webgpu')).precisions!().includes('float16'));
  });

  it('is chosen by a number that is there', async () => {
    await expect(openDevice('7')).rejects.toThrow(/^there is no GPU "7"; there is 0: SwiftShader/);
  });

  it.each([
    ['GPUOutOfMemoryError', 'the GPU is out of memory: no room'],
    ['GPUValidationError', 'the GPU refused a command: no room'],
  ])('can no longer be used after a %s', async (name, said) => {
    await openEngine('webgpu');
    const Refusal = (globalThis as Record<string, unknown>)[name] as new (message: string) => Error;
    const device = {
      lost: new Promise<never>(() => undefined),
      addEventListener: (_: string, listen: (event: { error: Error }) => void) =>
        listen({ error: new Refusal('no room\nfor a buffer') }),
    };
    const health = watchDevice(device);
    expect(health.fault()).toBe(said);
    expect(await health.broken).toBe(said);
  });
});
