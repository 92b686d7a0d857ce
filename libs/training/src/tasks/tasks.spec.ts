import { metrics, modelSpec, trialSpec, type Snapshots, type TrialSpec } from '@unroll/contracts';
import { prepare, type DatasetBytes } from '@unroll/datasets';
import { everyFastEngine, openFastest, shareOf } from '../testing/for-each-engine';
import { someOf } from '../testing/some-of';
import { openEngine } from '../backends/open-engine';
import { tf } from '../tensor/tfjs';
import type { LaneReport, LaneResult } from '../loop/lane-request';
import { train } from '../loop/train';
import { editDistance } from '../metrics/edit-distance';
import { makeRecordings } from '../verify/conformance/recordings';

const labelled = (rows: object[]): DatasetBytes => ({
  kind: 'labelled',
  bytes: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
});
const many = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

/** Words of unequal lengths whose class is their first letter, which the network reads first of all. */
const words = labelled(
  many(60, (index) => ({
    text: (index % 2 ? 'a' : 'b') + 'xyz'.repeat(1 + (index % 4)).slice(index % 3),
    label: index % 2 ? 'A' : 'B',
  })),
);
const shortWords = labelled(
  many(60, (index) => ({ text: (index % 2 ? 'a' : 'b') + 'xy'.slice(index % 3), label: index % 2 ? 'A' : 'B' })),
);
/** Two numbers a step; their sum is to be told. */
const sums = labelled(
  many(60, (index) => {
    const frames = many(3 + (index % 4), (step) => [((index * 7 + step * 3) % 10) / 10, step % 2]);
    return { frames, target: frames.reduce((sum, [value]) => sum + value!, 0) };
  }),
);
/** Each token's tag is the token before it. */
const echoes = labelled(
  many(60, (index) => {
    const tokens = many(3 + (index % 5), (step) => 'pqr'[(index * step + index + step) % 3]!);
    return { tokens, tags: ['-', ...tokens.slice(0, -1)] };
  }),
);
const wave: DatasetBytes = {
  kind: 'series',
  bytes: Buffer.from(`day,a,b\n${many(150, (row) => `d${row},${Math.sin(row / 3).toFixed(4)},${row % 7}`).join('\n')}`),
};
const chords: DatasetBytes = {
  kind: 'frames',
  bytes: Buffer.from(
    JSON.stringify(many(30, (index) => many(4 + (index % 4), (step) => (step % 2 ? [60, 64] : [62])))),
  ),
};
/** Letters of unequal count, to be written backwards. */
const reversed: DatasetBytes = {
  kind: 'pairs',
  bytes: Buffer.from(
    many(60, (index) => {
      const text = many(2 + (index % 8), (step) => 'abc'[(index * 5 + step * step) % 3]!);
      return `${text.join('')}\t${text.toReversed().join('')}`;
    }).join('\n'),
  ),
};
/** A letter, written as often as the vector says. */
const counts = labelled(
  many(60, (index) => ({
    vector: [index % 6, (index * 7) % 3],
    text: 'xyz'[(index * 7) % 3]!.repeat(1 + (index % 6)),
  })),
);

/** Letters that are sung one after the other. */
const songs = makeRecordings(
  many(60, (index) => many(1 + (index % 4), (step) => 'abc'[(index * 5 + step * step) % 3]!).join('')),
);
/** Two tones. */
const tones = makeRecordings(many(60, (index) => (index % 2 ? 'a' : 'b').repeat(1 + (index % 3))));
/** A tree has the class of its words, but that "not" turns the other side of it round; leaves differ in how deep they lie. */
const turned: DatasetBytes = {
  kind: 'labelled',
  bytes: Buffer.from(
    many(60, (index) => {
      let [label, tree] = [index % 2, `(${index % 2} ${index % 2 ? 'good' : 'bad'})`];
      for (let depth = 0; depth < (index * 3) % 5; depth++) {
        const turns = (index >> depth) % 2 === 1;
        if (turns) label = 1 - label;
        tree = turns ? `(${label} (2 not) ${tree})` : `(${label} ${tree} (2 so) (2 it))`;
      }
      return tree;
    }).join('\n'),
  ),
};

const cases = [
  ['classification', words, { kind: 'classification' }, 'validation.accuracy'],
  ['classification by the mean', words, { kind: 'classification', pooling: 'mean' }, 'validation.accuracy'],
  ['classification by attention', words, { kind: 'classification', pooling: 'attention' }, 'validation.f1'],
  ['regression', sums, { kind: 'regression' }, 'validation.mse'],
  ['regression by huber', sums, { kind: 'regression', loss: 'huber', pooling: 'mean' }, 'validation.mae'],
  [
    'regression by an expression',
    sums,
    { kind: 'regression', loss: { expression: 'abs(prediction - target)^1.5' } },
    'validation.mse',
  ],
  ['tagging', echoes, { kind: 'tagging' }, 'validation.accuracy'],
  ['forecasting', wave, { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 }, 'validation.mse'],
  ['sequence-to-sequence', reversed, { kind: 'sequence-to-sequence' }, 'validation.editDistance'],
  [
    'sequence-to-sequence by additive attention, with a beam',
    reversed,
    { kind: 'sequence-to-sequence', attention: 'additive', beamWidth: 3 },
    'validation.bleu',
  ],
  ['sequence-to-sequence by dot', reversed, { kind: 'sequence-to-sequence', attention: 'dot' }, 'validation.accuracy'],
  ['sequence-to-sequence alone', reversed, { kind: 'sequence-to-sequence', attention: 'none' }, 'validation.bleu'],
  ['sequence-from-vector', counts, { kind: 'sequence-from-vector' }, 'validation.editDistance'],
  ['classification of recordings', tones, { kind: 'classification' }, 'validation.accuracy'],
  ['transcription', songs, { kind: 'transcription' }, 'validation.editDistance'],
  ['tree-classification', turned, { kind: 'tree-classification' }, 'validation.accuracy'],
  ['tree-classification by roots', turned, { kind: 'tree-classification', nodes: 'root' }, 'validation.accuracy'],
  ['multilabel-frames', chords, { kind: 'multilabel-frames' }, 'validation.negativeLogLikelihood'],
] as const;

interface Changes {
  model?: object;
  training?: object;
  dataset?: object;
}

const isTree = (task: object): boolean => 'kind' in task && task.kind === 'tree-classification';

function makeSpec(task: object, { model, training, dataset }: Changes = {}): TrialSpec {
  return trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.1 }, ...dataset },
    task,
    model: { cell: isTree(task) ? 'lstm' : 'gru', hiddenSize: 12, embeddingSize: 4, ...model },
    training: { batchSize: 7, updates: 3, reportEvery: 2, learningRate: 0.01, seed: 1, ...training },
  });
}

async function run(
  source: DatasetBytes,
  specs: readonly TrialSpec[],
): Promise<{ results: LaneResult[]; reports: LaneReport[][] }> {
  const reports: LaneReport[][] = specs.map(() => []);
  const results = await train(
    specs.map((spec, index) => ({ id: String(index), spec })),
    prepare(source, specs[0]!).data,
    { engine: await current(), sampleLength: 0, onReport: (report) => void reports[Number(report.id)]!.push(report) },
  );
  return { results, reports };
}

let open = (): ReturnType<typeof openEngine> => openEngine('native');
const current = (): ReturnType<typeof openEngine> => open();

describe('tasks', () => {
  beforeAll(() => {
    open = everyFastEngine.at(-1)!.open;
  });

  it.each(cases)('learn %s on the fastest engine', async (_, source, task, metric) => {
    const dataset = { split: { validation: 0.2 } };
    const spec = makeSpec(task, { dataset, training: { updates: 40, reportEvery: 20, learningRate: 0.04 } });
    const { results, reports } = await run(source, [spec]);
    expect(results[0]!.state).toBe('completed');
    const [first, last] = [reports[0]![0]!, reports[0]!.at(-1)!];
    expect(last.metrics['train.loss']).toBeLessThan(first.metrics['train.loss']!);
    const { baselines } = prepare(source, spec);
    const baseline = baselines[0]?.metrics[metric];
    const value = last.metrics[metric]!;
    expect(Number.isFinite(value)).toBe(true);
    // A target of a sweep is held against the range of its metric.
    const known: Readonly<Record<string, { range?: readonly [number, number] }>> = metrics;
    for (const [name, each] of Object.entries(last.metrics)) {
      const [least, most] = known[name]?.range ?? [-Infinity, Infinity];
      expect([name, each >= least && each <= most]).toEqual([name, true]);
    }
    if (baseline !== undefined) expect(/(accuracy|f1)$/.test(metric) ? value > baseline : value < baseline).toBe(true);
  });
});

describe.each(everyFastEngine)('tasks on $label', (way) => {
  beforeAll(() => {
    open = way.open;
  });

  it.each(shareOf(way, cases))(
    'give a lane of %s the same alone and among others of other seeds and lengths, and leave no tensor behind',
    async (_, source, task) => {
      const own = makeSpec(task);
      const other = makeSpec(task, { training: { seed: 9, updates: 2, learningRate: 0.5 } });
      const alone = await run(source, [own]);
      const before = tf.memory().numTensors;
      const among = await run(source, [other, own]);
      expect(tf.memory().numTensors).toBe(before);
      expect(among.reports[1]).toEqual(alone.reports[0]!.map((report) => ({ ...report, id: '1' })));
      expect(among.results[1]!.weights).toEqual(alone.results[0]!.weights);
    },
  );
});

/** What a trial wrote: the worst first, and how each token written attends to the source. */
function expectWriting({ sequences, written }: Snapshots, task: { kind: string; attention?: string }): void {
  expect(sequences).toEqual([]);
  const { examples, examined } = written!;
  expect(examples.length).toBe(Math.min(12, examined));
  const worse = examples.map(({ right, found }) => editDistance(found, right) / right.length);
  expect(worse).toEqual(worse.toSorted((a, b) => b - a));
  const attends = task.kind === 'sequence-to-sequence' && task.attention !== 'none';
  for (const { source, found, attention } of examples) {
    expect(attention?.length).toBe(attends ? found.length : undefined);
    for (const weights of attention ?? []) {
      expect(weights).toHaveLength(source!.length);
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 1);
    }
  }
}

/** What a trial of trees shows: the classes of their roots. */
function expectReportAlone({ sequences, classes, written, tagged }: Snapshots): void {
  expect([sequences, written, tagged]).toEqual([[], undefined, undefined]);
  const { examples, confusion, mostWrong } = classes!;
  const found = confusion as number[][];
  expect(found.flat().reduce((sum, count) => sum + count)).toBe(examples);
  expect(mostWrong.length).toBeLessThanOrEqual(examples - found.reduce((sum, row, at) => sum + row[at]!, 0));
}

describe.each(everyFastEngine)('diagnostics on $label', (way) => {
  beforeAll(() => {
    open = way.open;
  });

  it.each(shareOf(way, cases))('inspect %s at each report', async (_, source, task) => {
    const { reports, results } = await run(source, [makeSpec(task, { model: { layers: isTree(task) ? 1 : 2 } })]);
    const inside = reports[0]!.map(({ diagnostics }) => diagnostics);
    // A tree has no time, and the loss of a transcription no last step.
    if (task.kind === 'tree-classification' || task.kind === 'transcription') {
      expect(inside.map((each) => each!.gradient)).toEqual([[], []]);
      if (task.kind === 'transcription') expectWriting(results[0]!.snapshots!, task);
      else expectReportAlone(results[0]!.snapshots!);
      return;
    }
    // Of what writes there are the norms alone: a decoder's states are of another time than what it reads.
    if (task.kind.startsWith('sequence-')) {
      expect(inside.map((each) => each!.gradient)).toEqual([[], []]);
      expect(Object.keys(inside[0]!.gradientNorms)).toContain('decoder.recurrent.l1.recurrent');
      return expectWriting(results[0]!.snapshots!, task);
    }
    for (const each of inside) {
      const { gradient, distances, memoryHorizon, farthest, saturation, gradientNorms } = each!;
      expect(gradient.map((shares) => shares[0])).toEqual([1, 1]);
      expect(gradient.every((shares) => shares.length === distances.length)).toBe(true);
      expect(distances.at(-1)).toBe(farthest);
      expect(memoryHorizon).toBeLessThanOrEqual(farthest);
      expect(saturation).toBeLessThanOrEqual(1);
      expect(Object.keys(gradientNorms)).toEqual(
        expect.arrayContaining(['recurrent.l0.input', 'recurrent.l1.recurrent', 'output']),
      );
    }
    const { snapshots } = results[0]!;
    expect(snapshots!.units).toBe(12);
    expect(JSON.stringify(snapshots).length).toBeLessThanOrEqual(64 * 1024);
    for (const { right, found, symbols } of snapshots!.tagged?.examples ?? []) {
      expect([found.length, symbols!.length]).toEqual([right.length, right.length]);
      expect(snapshots!.tagged!.tags).toEqual(expect.arrayContaining([...found, ...right]));
    }
    expect(snapshots!.tagged === undefined).toBe(task.kind !== 'tagging');
    for (const { states, attention } of snapshots!.sequences) {
      expect(states[0]).toHaveLength(12);
      if (!('pooling' in task) || task.pooling !== 'attention') continue;
      expect(attention!.reduce<number>((sum, weight) => sum + weight!, 0)).toBeCloseTo(1, 2);
    }
  });
});

describe.each(everyFastEngine)('padding on $label', (way) => {
  beforeAll(() => {
    open = way.open;
  });

  it.each(shareOf(way, cases, { turn: 1 }))('changes nothing that %s measures or learns', async (_, source, task) => {
    // In batches of one, hardly anything is padded; the measurement of one and the same network must not differ.
    const measured = await Promise.all(
      [1, 7].map(async (batchSize) => {
        const training = { batchSize, updates: 1, reportEvery: 1, learningRate: 1e-30, diagnostics: false };
        const { reports } = await run(source, [makeSpec(task, { training })]);
        return reports[0]![0]!.metrics['validation.loss']!;
      }),
    );
    expect(measured[1]).toBeCloseTo(measured[0]!, 5);
  });
});

describe('a trial', () => {
  beforeAll(() => {
    open = () => openFastest();
  });
  const task = { kind: 'classification' };
  const plainRuns = new Map<number, ReturnType<typeof run>>();
  function runPlain(layers: number): ReturnType<typeof run> {
    const plain = plainRuns.get(layers) ?? run(words, [makeSpec(task, { model: { layers } })]);
    plainRuns.set(layers, plain);
    return plain;
  }

  it.each([
    ['dropout', { model: { dropout: 0.3, layers: 2 } }],
    ['recurrentDropout', { model: { recurrentDropout: 0.3 } }],
    ['weightDrop', { model: { weightDrop: 0.3 } }],
    ['zoneout', { model: { zoneout: 0.3 } }],
    ['residual', { model: { residual: true, layers: 2 } }],
    ['batchNorm', { model: { batchNorm: true } }],
    ['learnedInitialState', { model: { learnedInitialState: true } }],
    ['bidirectional', { model: { bidirectional: true } }],
    ['l1', { training: { l1: 0.1 } }],
    ['l2', { training: { l2: 0.1 } }],
    ['gradientNoise', { training: { gradientNoise: 0.1 } }],
    ['clipValue', { training: { clipValue: 1e-3 } }],
    ['labelSmoothing', { training: { labelSmoothing: 0.2 } }],
    ['tokenDropout', { training: { augmentation: { tokenDropout: 0.3 } } }],
    ['a window', { training: { bptt: 2 } }],
    ['a schedule', { training: { schedule: { kind: 'cosine', warmUp: 3 } } }],
  ] as [string, Changes][])(
    'with %s has a different curve, the same each time and among others',
    async (_, changes) => {
      const plain = await runPlain(changes.model && 'layers' in changes.model ? 2 : 1);
      const changed = makeSpec(task, changes);
      const once = await run(words, [changed]);
      expect(once.reports[0]!.at(-1)!.metrics).not.toEqual(plain.reports[0]!.at(-1)!.metrics);
      const before = tf.memory().numTensors;
      const among = await run(words, [
        makeSpec(task, { ...changes, training: { ...changes.training, seed: 5 } }),
        changed,
      ]);
      expect(tf.memory().numTensors).toBe(before);
      expect(among.reports[1]!.map(({ metrics }) => metrics)).toEqual(once.reports[0]!.map(({ metrics }) => metrics));
    },
  );

  it.each([
    ['classification', words],
    ['tree-classification', turned],
    ['multilabel-frames', chords],
  ])('of %s weighs its classes as it does alone beside another that weighs them otherwise', async (kind, source) => {
    const { data } = prepare(source, makeSpec({ kind }));
    const [name, other] = 'targetVocabulary' in data ? data.targetVocabulary! : [];
    const [light, heavy] = [0.25, 4].map((weight) =>
      makeSpec({ kind }, { training: { classWeights: { [name!]: weight, [other!]: 1 } } }),
    ) as [TrialSpec, TrialSpec];
    const [alone, among] = [await run(source, [heavy]), await run(source, [light, heavy])];
    const curves = [...alone.reports, ...among.reports].map((reports) => reports.map(({ metrics }) => metrics));
    expect(curves[2]).toEqual(curves[0]);
    expect(curves[1]).not.toEqual(curves[0]);
  });

  it('is measured at its end on the test part, with the weights it keeps', async () => {
    const changes = { dataset: { split: { validation: 0.2, test: 0.2 } }, training: { updates: 30, reportEvery: 5 } };
    const { results, reports } = await run(words, [makeSpec(task, changes)]);
    const best = reports[0]!.reduce((a, b) => (b.metrics['validation.loss']! < a.metrics['validation.loss']! ? b : a));
    expect(results[0]!.weightsUpdate).toBe(best.update);
    expect(Object.keys(results[0]!.test!)).toEqual(['test.loss', 'test.accuracy', 'test.balancedAccuracy', 'test.f1']);
  });

  it('is measured on the test part that the data name themselves', async () => {
    const parted = labelled(
      many(40, (index) => ({
        text: index % 2 ? 'ab' : 'ba',
        label: index % 2 ? 'A' : 'B',
        part: index < 20 ? 'test' : 'train',
      })),
    );
    const { results } = await run(parted, [makeSpec(task, { training: { updates: 5 } })]);
    expect(Object.keys(results[0]!.test!)).toEqual(['test.loss', 'test.accuracy', 'test.balancedAccuracy', 'test.f1']);
  });

  it('ends early if the held-out loss stops improving, and keeps the best weights', async () => {
    const training = { updates: 400, reportEvery: 1, learningRate: 3, clipNorm: null, earlyStopping: { patience: 4 } };
    const { results, reports } = await run(words, [makeSpec(task, { training })]);
    const [result] = results;
    expect(result!.state).toBe('completed');
    expect(result!.updates).toBeLessThan(400);
    expect(result!.message).toBe('ended early: the validation loss stopped improving');
    expect(reports[0]!.length - result!.weightsUpdate!).toBeGreaterThanOrEqual(4);
  });

  it('with epochs passes over the data that many times', async () => {
    const { results, reports } = await run(words, [
      makeSpec(task, { training: { updates: undefined, epochs: 3, reportEvery: 12 } }),
    ]);
    // 54 of 60 rows in batches of 7.
    expect(results[0]!.updates).toBe(24);
    expect(reports[0]!.at(-1)).toMatchObject({ update: 24, of: 24 });
  });

  it.each(someOf(modelSpec.shape.cell.unwrap().options, 3))('learns with the cell %s', async (cell) => {
    const training = { updates: 16, reportEvery: 8, learningRate: 0.05 };
    const { reports } = await run(shortWords, [
      makeSpec({ kind: 'classification', pooling: 'mean' }, { model: { cell }, training }),
    ]);
    const losses = reports[0]!.map(({ metrics }) => metrics['train.loss']!);
    expect(losses[1]).toBeLessThan(losses[0]!);
  });
});
