import { prepare, type DatasetBytes } from '@unroll/datasets';
import { openKernels } from '@unroll/kernels';
import type { Engine } from '../backends/engine/engine';
import { precisionsOf } from '../backends/native/native';
import { openEngine } from '../backends/open-engine';
import { everyEngine, openFastest } from '../testing/for-each-engine';
import { makeSpec, sums } from '../testing/models.fixture';
import { describeGpu, reason } from '../testing/webgpu.fixture';
import { readCheckpoint, writeCheckpoint } from './checkpoint';
import type { LaneRequest } from './lane-request';
import { choosePrecision } from './precision';
import { train } from './train';

const text = { kind: 'text', bytes: Buffer.from('the quick brown fox. '.repeat(30)) } as const;

const spec = (precision: string, seed = 0): LaneRequest['spec'] =>
  makeSpec('language-model', {
    model: { cell: 'lstm', hiddenSize: 24, embeddingSize: 8 },
    training: { bptt: 12, batchSize: 4, updates: 4, reportEvery: 2, precision, seed },
  });

const request = (precision: string, seed = 0): LaneRequest => ({ id: String(seed), spec: spec(precision, seed) });

/** Losses of all reports and weights of each lane, and a checkpoint of the first one after its second update. */
async function trainedOn(engine: Engine, requests: readonly LaneRequest[], source: DatasetBytes = text) {
  const losses: number[] = [];
  const metrics: Record<string, number>[] = [];
  let checkpoint: Uint8Array | undefined;
  let updates = 0;
  const { data } = prepare(source, requests[0]!.spec);
  const results = await train(requests, data, {
    ...{ engine, sampleLength: 0 },
    onReport(report) {
      losses.push(report.metrics['train.loss']!, report.metrics['validation.loss']!);
      metrics.push(report.metrics);
    },
    checkpointDue: () => ++updates === 2,
    onCheckpoint: (id, given) => id === '0' && (checkpoint = writeCheckpoint(given)),
  });
  // Of a checkpoint, which also has times, only what is trained on from it.
  const given = { losses, weights: results.map(({ weights }) => weights) };
  return { ...given, given, metrics, first: results[0]!, checkpoint: checkpoint! };
}

const float32 = { name: 'wasm', codePath: 'composite' } as const;

describe('a precision', () => {
  it('that an engine lacks is refused in one line with the engine and the processor', async () => {
    expect(() => choosePrecision(float32, spec('bfloat16'))).toThrow(
      /^training\.precision: the engine wasm has no bfloat16 on this machine \(processor .+, composite\): use float32 or auto[^\n]+$/,
    );
    const reports = jest.fn();
    const engine = await openEngine('cpu');
    const { data } = prepare(text, spec('bfloat16'));
    const attempt = train([{ id: '0', spec: spec('bfloat16') }], data, { engine, onReport: reports });
    await expect(attempt).rejects.toThrow('the engine cpu has no bfloat16');
    expect(reports).not.toHaveBeenCalled();
  });

  it('that no processor has is refused with where there is it, and one that a GPU lacks with the GPU', () => {
    expect(() => choosePrecision({ name: 'native', codePath: 'avx512' }, spec('float16'))).toThrow(
      /^training\.precision: the engine native has no float16 on this machine \(processor .+, avx512\): use float32 or auto, or the engine webgpu on a GPU with shader-f16$/,
    );
    const gpu = { name: 'webgpu', codePath: 'wgsl', device: 'GPU, WebGPU (a vendor)' } as const;
    expect(() => choosePrecision(gpu, spec('float16'))).toThrow(
      'training.precision: the engine webgpu has no float16 on this machine (GPU, WebGPU (a vendor)): use float32 or auto',
    );
    expect(() => choosePrecision({ ...gpu, precisions: () => ['float32', 'float16'] }, spec('bfloat16'))).toThrow(
      /^training\.precision: the engine webgpu has no bfloat16 on this machine \(GPU, WebGPU \(a vendor\)\): use float32, float16 or auto, or /,
    );
  });

  it('left to the engine is the first that it has', () => {
    expect(choosePrecision(float32, spec('auto'))).toBe('float32');
    expect(choosePrecision({ ...float32, precisions: () => ['bfloat16', 'float32'] }, spec('auto'))).toBe('bfloat16');
  });

  it.each([
    ['amx', 'Intel(R) Xeon(R) Processor', 'bfloat16'],
    ['avx512', 'Intel(R) Xeon(R) Processor', 'float32'],
    ['avx512', 'AMD EPYC 9354 32-Core Processor', 'bfloat16'],
    ['portable', 'AMD EPYC 9354 32-Core Processor', 'float32'],
  ] as const)('on %s of %s is %s, since the fastest comes first', (set, processor, fastest) => {
    const kernels = { precisions: () => ['float32' as const, 'bfloat16' as const], instructionSet: () => set };
    expect(precisionsOf(kernels, processor)[0]).toBe(fastest);
  });

  it('must be equal for trials to train as lanes of one array', async () => {
    const { data } = prepare(text, spec('float32'));
    const lanes = ['float32', 'auto'].map((each) => ({ id: each, spec: spec(each) }));
    const engine = await openEngine('cpu');
    await expect(train(lanes, data, { engine, onReport: jest.fn() })).rejects.toThrow(
      'lanes must share training.precision',
    );
  });
});

const isThere = everyEngine.some(({ name }) => name === 'native');

/** In plain code, which every processor has, and by its instructions where it has them. */
const sets = isThere ? openKernels('').instructionSets() : (['portable'] as const);

(isThere ? describe : describe.skip).each(sets)('bfloat16 on native, %s', (isa) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine('native');
    openKernels(isa);
    engine = { ...engine, codePath: isa };
  });
  afterAll(() => void openKernels());

  const trained = (requests: readonly LaneRequest[]) => trainedOn(engine, requests);
  const able = (): boolean => engine.precisions!().includes('bfloat16');

  it('is near float32 but not it, and leaves the engine in float32', async () => {
    if (!able()) {
      await expect(trained([request('bfloat16')])).rejects.toThrow(`the engine native has no bfloat16 on this machine`);
      return;
    }
    const { given: before } = await trained([request('float32')]);
    const { losses } = await trained([request('bfloat16')]);
    losses.forEach((loss, place) => expect(Math.abs(loss / before.losses[place]! - 1)).toBeLessThan(0.01));
    expect(losses).not.toEqual(before.losses);
    expect((await trained([request('float32')])).given).toEqual(before);
  });

  it('gives the same bits in each run, resumed, and among other lanes', async () => {
    if (!able()) return;
    const whole = await trained([request('bfloat16')]);
    expect((await trained([request('bfloat16')])).given).toEqual(whole.given);
    const resumed = await trained([{ ...request('bfloat16'), checkpoint: readCheckpoint(whole.checkpoint) }]);
    expect(resumed.weights).toEqual(whole.weights);
    const among = await trained([request('bfloat16'), request('bfloat16', 1)]);
    expect(among.weights[0]).toEqual(whole.weights[0]);
  });
});

/** A linear loss whose gradient is as large as `factor`, and which float32 cannot square from about 1e19 on. */
const steep = (factor: string, training: object = {}): LaneRequest => ({
  id: '0',
  spec: makeSpec(
    { kind: 'regression', loss: { expression: `${factor} * abs(prediction - target)` } },
    {
      model: { cell: 'gru', hiddenSize: 8 },
      training: { batchSize: 4, updates: 4, reportEvery: 2, precision: 'float16', clipNorm: 1, ...training },
    },
  ),
});

describe('the loss scale of float16', () => {
  /** Products of float32: what is left of float16 is the scale. */
  let engine: Engine;
  beforeAll(async () => {
    engine = { ...(await openFastest()), precisions: () => ['float32', 'float16'], usePrecision: () => undefined };
  });

  it('rounds nothing: the same bits as without, also resumed and among other lanes', async () => {
    const plain = await trainedOn(engine, [request('float32')]);
    const scaled = await trainedOn(engine, [request('float16')]);
    expect(scaled.given).toEqual(plain.given);
    expect(scaled.metrics).toEqual(plain.metrics);
    expect([...readCheckpoint(scaled.checkpoint).blocks['loss scale']!.values]).toEqual([2 ** 16, 2]);
    expect(readCheckpoint(plain.checkpoint).blocks).not.toHaveProperty('loss scale');
    const resumed = await trainedOn(engine, [{ ...request('float16'), checkpoint: readCheckpoint(scaled.checkpoint) }]);
    expect(resumed.weights).toEqual(scaled.weights);
    const among = await trainedOn(engine, [request('float16'), request('float16', 1)]);
    expect(among.weights[0]).toEqual(scaled.weights[0]);
  });

  it('is halved at each gradient that overflows, whose update is skipped, and all of it is in a checkpoint', async () => {
    const training = { updates: 12, reportEvery: 3, divergence: { norm: 1e15 } };
    const start = readCheckpoint((await trainedOn(engine, [steep('1e10', training)], sums)).checkpoint);
    start.blocks['loss scale']!.values.set([2 ** 100, 7]);
    const whole = await trainedOn(engine, [{ ...steep('1e10', training), checkpoint: start }], sums);
    expect(whole.first).toMatchObject({
      state: 'completed',
      message: expect.stringMatching(
        /^[4-6] of 12 updates were skipped, since their gradients were not finite in float16$/,
      ),
    });
    const between = readCheckpoint(whole.checkpoint);
    expect(between.update).toBe(4);
    expect(between.numbers).toMatchObject({ skipped: 2, skippedSince: 1 });
    expect([...between.blocks['loss scale']!.values]).toEqual([2 ** 98, 0]);
    expect(between.blocks.weights).toEqual(start.blocks.weights);
    // The third to sixth update: none of a report's was done.
    expect(whole.metrics[0]).toMatchObject({ 'train.loss': expect.any(Number) });
    expect(whole.metrics.map((each) => Number.isFinite(each['train.gradientNorm']))).toEqual([true, false, true, true]);
    const resumed = await trainedOn(engine, [{ ...steep('1e10', training), checkpoint: between }], sums);
    expect(resumed.weights).toEqual(whole.weights);
    expect(resumed.metrics).toEqual(whole.metrics.slice(1));
  });

  it('that sinks to nothing ends its lane alone, with its update and what to do', async () => {
    const lanes = [steep('1e25', { updates: 40 }), { ...steep('1e25', { updates: 40 }), id: '1' }];
    const { data } = prepare(sums, lanes[0]!.spec);
    const results = await train(lanes, data, { engine, sampleLength: 0, onReport: () => undefined });
    for (const result of results)
      expect(result).toMatchObject({
        state: 'diverged',
        updates: 30,
        message:
          'update 30: the loss scale has sunk to 0.000061, since in float16 the gradient is not finite at any larger one: ' +
          'lower the learning rate or clipNorm, or set training.precision to float32',
      });
  });

  it('that lets no update through ends a short trial as diverged', async () => {
    const { first } = await trainedOn(engine, [steep('1e25')], sums);
    expect(first).toMatchObject({
      state: 'diverged',
      message:
        'update 4: all updates were skipped, since no gradient was finite in float16: set training.precision to float32',
    });
  });
});

describeGpu(`float16 on a GPU${reason}`, () => {
  it('is near float32 but not it, the same bits in each run, resumed and among other lanes; or refused', async () => {
    const engine = await openEngine('webgpu');
    expect(choosePrecision(engine, spec('auto'))).toBe('float32');
    if (!engine.precisions!().includes('float16')) {
      await expect(trainedOn(engine, [request('float16')])).rejects.toThrow(
        'training.precision: the engine webgpu has no float16 on this machine (GPU, WebGPU (',
      );
      return;
    }
    const { given: before } = await trainedOn(engine, [request('float32')]);
    const whole = await trainedOn(engine, [request('float16')]);
    whole.losses.forEach((loss, place) => expect(Math.abs(loss / before.losses[place]! - 1)).toBeLessThan(1e-3));
    expect(whole.losses).not.toEqual(before.losses);
    expect((await trainedOn(engine, [request('float16')])).given).toEqual(whole.given);
    const resumed = await trainedOn(engine, [{ ...request('float16'), checkpoint: readCheckpoint(whole.checkpoint) }]);
    expect(resumed.weights).toEqual(whole.weights);
    const among = await trainedOn(engine, [request('float16'), request('float16', 1)]);
    expect(among.weights[0]).toEqual(whole.weights[0]);
    expect((await trainedOn(engine, [request('float32')])).given).toEqual(before);
  });

  it('skips updates until the scale fits where float16 overflows and float32 would not', async () => {
    const engine = await openEngine('webgpu');
    if (!engine.precisions!().includes('float16')) return;
    const { first, checkpoint } = await trainedOn(engine, [steep('100', { updates: 12, reportEvery: 6 })], sums);
    expect(first).toMatchObject({
      state: 'completed',
      message: expect.stringMatching(/^[1-9] of 12 updates were skipped/),
    });
    expect([...readCheckpoint(checkpoint).blocks['loss scale']!.values]).toEqual([2 ** 14, 0]);
  });
});
