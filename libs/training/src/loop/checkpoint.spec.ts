import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { builtIns, prepare, type DatasetBytes, type PreparedData } from '@unroll/datasets';
import fc from 'fast-check';
import { CheckpointUnreadable, readCheckpoint, takenOver, writeCheckpoint, type Checkpoint } from './checkpoint';
import { everyEngine, openFastest } from '../testing/for-each-engine';
import type { Engine } from '../backends/engine/engine';
import { tf } from '../tensor/tfjs';
import { makeRecordings } from '../verify/conformance/recordings';
import { describeGpu, reason } from '../testing/webgpu.fixture';
import { openEngine } from '../backends/open-engine';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';
import { plainLane } from './lane';
import { loopNumbers, loopState } from './loop-state';
import { train } from './train';

interface Case {
  name: string;
  spec(changes?: Record<string, unknown>): TrialSpec;
  data: PreparedData;
}

type Tree = Record<string, unknown>;

function makeCase(
  name: string,
  dataset: Tree,
  task: Tree,
  training: Tree = {},
  model: Tree = {},
  bytes?: DatasetBytes,
): Case {
  const spec = (changes: Tree = {}): TrialSpec =>
    trialSpec.parse({
      dataset: { split: { validation: 0.2 }, ...dataset },
      task,
      model: { cell: 'min-gru', hiddenSize: 5, embeddingSize: 3, ...model },
      training: { batchSize: 2, updates: 4, reportEvery: 2, learningRate: 0.02, seed: 3, ...training, ...changes },
    });
  const builtIn = builtIns.find((each) => each.name === dataset.name);
  const source = bytes ?? { kind: builtIn!.kind, bytes: builtIn!.read(spec().dataset) };
  return { name, spec, data: prepare(source, spec()).data };
}

const json = (rows: unknown[]): Buffer => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
const many = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));
const text: DatasetBytes = {
  kind: 'text',
  bytes: Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(4)),
};
const chords: DatasetBytes = {
  kind: 'frames',
  bytes: Buffer.from(
    JSON.stringify(many(24, (index) => many(3 + (index % 4), (step) => (step % 2 ? [60, 64] : [62])))),
  ),
};
const vectors: DatasetBytes = {
  kind: 'labelled',
  bytes: json(
    many(30, (index) => ({ vector: [index % 6, index % 3], text: 'xyz'[index % 3]!.repeat(1 + (index % 4)) })),
  ),
};
/** Sequences of 1 to 25 steps, which are padded to 8, 16, 24 or 25. */
const mixed: DatasetBytes = {
  kind: 'labelled',
  bytes: json(
    many(24, (index) => ({
      tokens: many(1 + ((index * 7) % 25), (step) => 'abc'[(index + step) % 3]!),
      label: index % 2,
    })),
  ),
};

const small = { steps: 4, sequences: 20 };
const cases: Case[] = [
  makeCase('language-model', { name: 'fox' }, { kind: 'language-model' }, { bptt: 5 }, { cell: 'lstm' }, text),
  makeCase(
    'language-model of TBPTT(2, 6)',
    { name: 'fox' },
    { kind: 'language-model' },
    { bptt: { k1: 2, k2: 6 } },
    {},
    text,
  ),
  makeCase(
    'language-model with dropout, noise and a falling rate',
    { name: 'fox' },
    { kind: 'language-model' },
    {
      ...{ bptt: 5, gradientNoise: 0.1, schedule: { kind: 'plateau', patience: 0 }, l2: 0.01 },
      augmentation: { tokenDropout: 0.1 },
    },
    { dropout: 0.3, layers: 2 },
    text,
  ),
  makeCase('classification', { name: 'parity', ...small }, { kind: 'classification' }),
  makeCase('regression', { name: 'adding-problem', ...small }, { kind: 'regression' }),
  makeCase('tagging', { name: 'copy-memory', ...small }, { kind: 'tagging' }),
  makeCase('forecasting', { name: 'sine-mixture', steps: 60 }, { kind: 'forecasting', lookback: 4 }),
  makeCase('multilabel-frames', { name: 'chords' }, { kind: 'multilabel-frames' }, {}, {}, chords),
  makeCase(
    'sequence-to-sequence',
    { name: 'reversal', ...small },
    { kind: 'sequence-to-sequence' },
    {
      teacherForcing: { kind: 'linear', to: 0.2, over: 10 },
    },
  ),
  makeCase('sequence-from-vector', { name: 'vectors' }, { kind: 'sequence-from-vector' }, {}, {}, vectors),
];

const songs = makeRecordings(
  many(24, (index) => many(1 + (index % 3), (step) => 'abc'[(index * 5 + step) % 3]!).join('')),
);
const trees: DatasetBytes = {
  kind: 'labelled',
  bytes: Buffer.from(
    many(24, (index) => `(${index % 2} (${index % 2} ${index % 2 ? 'good' : 'bad'}) (2 ${'abc'[index % 3]!}))`).join(
      '\n',
    ),
  ),
};
cases.push(
  makeCase(
    'classification of sequences of several buckets',
    { name: 'mixed' },
    { kind: 'classification', pooling: 'mean' },
    {},
    { cell: 'lstm' },
    mixed,
  ),
  makeCase('transcription', { name: 'songs' }, { kind: 'transcription' }, {}, {}, songs),
  makeCase('tree-classification', { name: 'trees' }, { kind: 'tree-classification' }, {}, { cell: 'lstm' }, trees),
  makeCase(
    'language-model with running statistics and a learned start',
    { name: 'fox' },
    { kind: 'language-model' },
    { bptt: 5 },
    { cell: 'gru', batchNorm: true, learnedInitialState: true },
    text,
  ),
);

interface Ran {
  results: LaneResult[];
  reports: LaneReport[];
  checkpoints: Map<string, Uint8Array>;
}

/** Trains lanes; with `until`, to that many updates of this run, where all are interrupted. */
async function run(lanes: readonly LaneRequest[], { data }: Case, engine: Engine, until = Infinity): Promise<Ran> {
  const reports: LaneReport[] = [];
  const checkpoints = new Map<string, Uint8Array>();
  const drain = new AbortController();
  let asked = 0;
  const results = await train(lanes, data, {
    engine,
    sampleLength: 0,
    onReport: (report) => void reports.push(report),
    drain: drain.signal,
    checkpointDue: () => (asked += 1) === until,
    onCheckpoint: (id, checkpoint) => void checkpoints.set(id, writeCheckpoint(checkpoint)),
    // Asked after each update, before anything else is done: the drain is seen at the update of `until`.
    onUpdate: () => asked + 1 === until && drain.abort(),
  });
  return { results, reports, checkpoints };
}

const own = ({ results, reports }: Ran, id: string): unknown => [
  reports
    .filter((report) => report.id === id)
    .map(({ update, metrics, diagnostics }) => [update, metrics, diagnostics]),
  results
    .filter((result) => result.id === id)
    .map(({ state, updates, weights, weightsUpdate }) => ({ state, updates, weights, weightsUpdate })),
];

/** Interrupted at `until`, taken up beside another lane that stands there, and at once again at `again`. */
async function interrupted(each: Case, spec: TrialSpec, engine: Engine, until: number, again: number): Promise<Ran> {
  const { optimizer } = spec.training;
  const neighbour = { id: 'neighbour', spec: each.spec({ seed: 8, learningRate: 0.1, optimizer, updates: 5 }) };
  const first = await run([{ id: 'a', spec }], each, engine, until);
  const other = await run([neighbour], each, engine, until);
  const from = ({ checkpoints }: Ran, id: string) => ({ checkpoint: readCheckpoint(checkpoints.get(id)!) });
  const beside = [
    { ...neighbour, ...from(other, 'neighbour') },
    { id: 'a', spec, ...from(first, 'a') },
  ];
  const second = await run(beside, each, engine, again);
  const isOver = !second.checkpoints.has('a');
  const third = isOver ? second : await run([{ id: 'a', spec, ...from(second, 'a') }], each, engine);
  const reports = [...first.reports, ...second.reports, ...(isOver ? [] : third.reports)];
  return { ...third, reports: reports.filter(({ id }) => id === 'a') };
}

/** TensorFlow.js' own backend, and our kernels where they are built. */
const ways = everyEngine.filter(({ name }) => name !== 'wasm');

/** Each on another kind of task, and on another engine in another one. */
const optimizers = ['adam', 'adamw', 'rmsprop', 'sgd', 'adagrad'];

describe.each(ways)('a lane that was interrupted, on $label', (way) => {
  // The slow engine trains one case with each optimizer.
  it.each(way.name === 'cpu' && !process.env.UNROLL_TEST_ALL ? cases.slice(3, 3 + optimizers.length) : cases)(
    'ends as if it had never been interrupted, in $name',
    async (each) => {
      const engine = await way.open();
      const kind = optimizers[(cases.indexOf(each) + ways.indexOf(way)) % optimizers.length]!;
      const spec = each.spec({ optimizer: { kind, ...(kind === 'sgd' ? { momentum: 0.9 } : {}) } });
      const whole = await run([{ id: 'a', spec }], each, engine);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), async (until, again) => {
          const before = tf.memory().numTensors;
          const parts = await interrupted(each, spec, engine, until, again);
          expect(own(parts, 'a')).toEqual(own(whole, 'a'));
          expect(tf.memory().numTensors).toBe(before);
        }),
        { numRuns: process.env.UNROLL_TEST_ALL ? 5 : 1, endOnFailure: true },
      );
    },
  );
});

/** A GPU in software compiles kernels for several seconds for each of them. */
const gpuCases = ['language-model', ...(process.env.UNROLL_TEST_ALL ? ['sequence-to-sequence'] : [])];

describeGpu(`a lane that was interrupted, on a GPU${reason}`, () => {
  it.each(cases.filter(({ name }) => gpuCases.includes(name)))(
    'ends as if it had never been interrupted, in $name',
    async (each) => {
      const engine = await openEngine('webgpu');
      const spec = each.spec({ diagnostics: false });
      const whole = await run([{ id: 'a', spec }], each, engine);
      expect(own(await interrupted(each, spec, engine, 2, 1), 'a')).toEqual(own(whole, 'a'));
    },
  );
});

describe('a lane that leaves after a report', () => {
  const [each] = cases as [Case];
  const spec = each.spec({ updates: 9, reportEvery: 3 });

  it('continues as if it had never stopped, while its neighbours train on', async () => {
    const engine = await openFastest();
    const whole = await run([{ id: 'a', spec }], each, engine);
    const first = await run(
      [
        { id: 'a', spec, until: 6 },
        { id: 'b', spec: each.spec({ seed: 3, updates: 9 }) },
      ],
      each,
      engine,
    );
    expect(first.results.map(({ state, updates }) => [state, updates])).toEqual([
      ['interrupted', 6],
      ['completed', 9],
    ]);
    const checkpoint = readCheckpoint(first.checkpoints.get('a')!);
    expect(checkpoint.update).toBe(6);
    const second = await run([{ id: 'a', spec, checkpoint, until: 9 }], each, engine);
    expect(own({ ...second, reports: [...first.reports, ...second.reports] }, 'a')).toEqual(own(whole, 'a'));
  });

  it('leaves a checkpoint to take over: its weights count as the best so far, even if earlier ones were better', async () => {
    const engine = await openFastest();
    const bad = { id: 'a', spec: each.spec({ updates: 9, reportEvery: 3, learningRate: 0.5, keep: 'best' }), until: 6 };
    const { checkpoints, reports } = await run([bad], each, engine);
    const state = readCheckpoint(checkpoints.get('a')!);
    const taken = takenOver(state);
    expect(taken.blocks.best!.values).toEqual(state.blocks.weights!.values);
    expect(taken.metrics.best).toEqual(reports.at(-1)!.metrics);
    expect(taken.numbers).toMatchObject({ bestUpdate: 6, bestLoss: reports.at(-1)!.metrics['validation.loss'] });
    const worse = each.spec({ updates: 9, reportEvery: 3, learningRate: 50, divergence: { norm: 1e30 } });
    const [result] = (await run([{ id: 'b', spec: worse, checkpoint: taken }], each, engine)).results;
    expect(result).toMatchObject({ state: 'completed', weightsUpdate: 6, metrics: reports.at(-1)!.metrics });
  });
});

describe('what an interrupted lane keeps', () => {
  const [each] = cases as [Case];
  it.each([
    ['best', 5, 3],
    ['last', 3, 3],
    ['last', 5, 5],
  ])('of %s, at update %i, are the weights of update %i, with metrics only if they were reported', async (...row) => {
    const [keep, until, update] = row;
    const drain = new AbortController();
    const reports: LaneReport[] = [];
    const spec = each.spec({ updates: 9, reportEvery: 3, keep });
    const [result] = await train([{ id: 'a', spec }], each.data, {
      ...{ engine: await openFastest(), sampleLength: 0, drain: drain.signal, keepInterrupted: true },
      onReport: (report) => void reports.push(report),
      onUpdate: (_, first) => first.update === until && drain.abort(),
    });
    expect(result).toMatchObject({ state: 'interrupted', updates: until, weightsUpdate: update });
    expect(result!.metrics).toEqual(update === 3 ? reports[0]!.metrics : {});
  });
});

describe('a checkpoint', () => {
  const checkpoint: Checkpoint = {
    update: 7,
    numbers: {
      ...loopNumbers(loopState(undefined), plainLane, { elapsed: 0, reporting: 0 }),
      losses: 0.1 + 0.2,
      norms: NaN,
    },
    metrics: { last: { 'train.loss': 0.1 }, best: {} },
    layout: 'a',
    blocks: {
      weights: { shape: [2, 2], values: Float32Array.of(1, -0, NaN, 1e-45) },
      none: { shape: [0], values: new Float32Array() },
    },
  };

  it('reads back bit for bit, infinities and NaN too', () => {
    expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint);
  });

  it('that was truncated or changed anywhere is refused', () => {
    const file = writeCheckpoint(checkpoint);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = file.slice();
        changed[at]! ^= change;
        expect(() => readCheckpoint(file.slice(0, at))).toThrow(CheckpointUnreadable);
        expect(() => readCheckpoint(changed)).toThrow(CheckpointUnreadable);
      }),
    );
  });

  it('of a later version, or of another network, is refused in one line', async () => {
    const later = Buffer.from(
      Buffer.from(writeCheckpoint(checkpoint)).toString('latin1').replace('"version":1', '"version":2'),
      'latin1',
    );
    expect(() => readCheckpoint(later)).toThrow('the checkpoint has version 2, and this program reads 1');
    const engine = await openFastest();
    const [each] = cases;
    await expect(run([{ id: 'a', spec: each!.spec(), checkpoint }], each!, engine)).rejects.toThrow(
      'the checkpoint belongs to another network or another length of training',
    );
  });
});
