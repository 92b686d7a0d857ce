import { prepare } from '@unroll/datasets';
import { openKernels } from '@unroll/kernels';
import type { Engine } from '../backends/engine/engine';
import { precisionsOf } from '../backends/native/native';
import { openEngine } from '../backends/open-engine';
import { everyEngine } from '../testing/for-each-engine';
import { makeSpec } from '../testing/models.fixture';
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

  /** Losses of all reports and weights of each lane. `interrupted`: also a checkpoint after the second update. */
  async function trained(requests: readonly LaneRequest[]) {
    const losses: number[] = [];
    let checkpoint: Uint8Array | undefined;
    let updates = 0;
    const { data } = prepare(text, requests[0]!.spec);
    const results = await train(requests, data, {
      ...{ engine, sampleLength: 0 },
      onReport: ({ metrics }) => void losses.push(metrics['train.loss']!, metrics['validation.loss']!),
      checkpointDue: () => ++updates === 2,
      onCheckpoint: (id, given) => id === '0' && (checkpoint = writeCheckpoint(given)),
    });
    // Of a checkpoint, which also has times, only what is trained on from it.
    const given = { losses, weights: results.map(({ weights }) => weights) };
    return { ...given, given, checkpoint: checkpoint! };
  }
  const request = (precision: string, seed = 0): LaneRequest => ({ id: String(seed), spec: spec(precision, seed) });

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
