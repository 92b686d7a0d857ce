import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, tokensInMemory, type TokenData } from '@unroll/datasets';
import { everyCodePath, openFastest } from '../testing/for-each-engine';
import { tf } from '../tensor/tfjs';
import { makeSpec as makeTrial, sums } from '../testing/models.fixture';
import { LaneGroup } from './lane-group';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';
import { train } from './train';
import type { TrainOptions } from './train-options';

const text = 'the quick brown fox jumps over the lazy dog. '.repeat(12);
const vocabulary = [...new Set(text)].sort();
const tokens = Uint16Array.from(text, (character) => vocabulary.indexOf(character));
const data: TokenData = {
  ...{ kind: 'tokens', vocabulary, tokens: 'character' },
  train: tokensInMemory(tokens.subarray(0, 450)),
  validation: tokensInMemory(tokens.subarray(450)),
};

type Change = { model?: object; training?: object };

function makeSpec({ model, training }: Change = {}): TrialSpec {
  return trialSpec.parse({
    dataset: 'fox',
    task: 'language-model',
    model: { cell: 'lstm', hiddenSize: 8, embeddingSize: 4, ...model },
    training: { bptt: 5, batchSize: 3, updates: 6, reportEvery: 3, learningRate: 0.01, seed: 1, ...training },
  });
}

interface Outcome {
  results: LaneResult[];
  /** By lane. */
  reports: Record<string, LaneReport[]>;
}

async function run(lanes: Omit<LaneRequest, never>[], options: Partial<TrainOptions> = {}): Promise<Outcome> {
  const reports: Record<string, LaneReport[]> = Object.fromEntries(lanes.map(({ id }) => [id, []]));
  const results = await train(lanes, data, {
    engine: options.engine ?? (await openFastest()),
    sampleLength: 0,
    ...options,
    async onReport(report, validationSeconds) {
      reports[report.id]!.push(report);
      await options.onReport?.(report, validationSeconds);
    },
  });
  return { results, reports };
}

/** What must not depend on company: the curve and the final weights. */
const curveFor = ({ results, reports }: Outcome, id: string): unknown => [
  reports[id]!.map(({ update, metrics }) => [update, metrics]),
  results.find((result) => result.id === id)!.weights,
];

describe.each(everyCodePath)('lanes on $label', ({ name, open }) => {
  // The slow engine has no kernels of its own for a cell.
  it.each(name === 'cpu' ? (['rnn'] as const) : (['rnn', 'lstm', 'gru'] as const))(
    'of the cell %s train alone as they train among others, bit for bit',
    async (cell) => {
      const engine = await open();
      const lane = { id: 'a', spec: makeSpec({ model: { cell, hiddenSize: 20 } }) };
      const others = [
        { id: 'b', spec: makeSpec({ model: { cell, hiddenSize: 32 }, training: { seed: 2, learningRate: 0.05 } }) },
        { id: 'c', spec: makeSpec({ model: { cell, hiddenSize: 9 }, training: { seed: 3, clipNorm: null } }) },
      ];
      const alone = await run([lane], { engine });
      const among = await run([others[0]!, lane, others[1]!], { engine });
      expect(curveFor(among, 'a')).toEqual(curveFor(alone, 'a'));
      expect(curveFor(among, 'b')).not.toEqual(curveFor(alone, 'a'));
    },
  );
});

describe('a lane', () => {
  it.each(['adam', 'adamw', 'rmsprop', 'sgd', 'adagrad'] as const)(
    'with %s is the same alone and beside one with other numbers',
    async (kind) => {
      const optimizer = (weightDecay: number) => makeSpec({ training: { optimizer: { kind, weightDecay } } });
      const lane = { id: 'a', spec: optimizer(0.01) };
      const alone = await run([lane]);
      const among = await run([lane, { id: 'b', spec: optimizer(0) }]);
      expect(curveFor(among, 'a')).toEqual(curveFor(alone, 'a'));
    },
  );

  it('is the same for the same seed, and differs for another', async () => {
    const spec = makeSpec();
    const first = await run([{ id: 'a', spec }]);
    expect(curveFor(await run([{ id: 'a', spec }]), 'a')).toEqual(curveFor(first, 'a'));
    const other = await run([{ id: 'a', spec: makeSpec({ training: { seed: 2 } }) }]);
    expect(curveFor(other, 'a')).not.toEqual(curveFor(first, 'a'));
  });

  it('that ends early leaves, and the others continue as if it had never been there', async () => {
    const long = { id: 'long', spec: makeSpec({ training: { updates: 9 } }) };
    const short = { id: 'short', spec: makeSpec({ training: { updates: 4, seed: 5 } }) };
    const { results, reports } = await run([short, long]);
    expect(results.map(({ id, state, updates }) => [id, state, updates])).toEqual([
      ['short', 'completed', 4],
      ['long', 'completed', 9],
    ]);
    expect(curveFor({ results, reports }, 'long')).toEqual(curveFor(await run([long]), 'long'));
    expect(curveFor({ results, reports }, 'short')).toEqual(curveFor(await run([short]), 'short'));
  });

  it('that is cancelled leaves after the current update, and the others continue', async () => {
    const controller = new AbortController();
    const stays = { id: 'stays', spec: makeSpec({ training: { seed: 4 } }) };
    const leaves = { id: 'leaves', spec: makeSpec(), signal: controller.signal };
    const outcome = await run([leaves, stays], { onUpdate: (count) => count === 2 && controller.abort() });
    expect(outcome.results[0]).toMatchObject({ id: 'leaves', state: 'cancelled', updates: 2, weights: undefined });
    expect(outcome.reports.leaves).toEqual([]);
    expect(curveFor(outcome, 'stays')).toEqual(curveFor(await run([stays]), 'stays'));
  });

  it('that diverges reports at which update, and its NaN stays in its lane', async () => {
    const calm = { id: 'calm', spec: makeSpec({ model: { cell: 'rnn', nonlinearity: 'relu' } }) };
    const wild = {
      id: 'wild',
      spec: makeSpec({
        model: { cell: 'rnn', nonlinearity: 'relu' },
        training: { learningRate: 1000, clipNorm: null, updates: 50 },
      }),
    };
    const outcome = await run([wild, calm]);
    const [diverged] = outcome.results;
    expect(diverged).toMatchObject({ state: 'diverged', weights: undefined });
    expect(diverged!.updates).toBeGreaterThan(1);
    expect(diverged!.message).toMatch(new RegExp(`^update ${diverged!.updates}: `));
    expect(outcome.reports.wild!.every(({ update }) => update < diverged!.updates)).toBe(true);
    expect(curveFor(outcome, 'calm')).toEqual(curveFor(await run([calm]), 'calm'));
    expect(curveFor(outcome, 'calm')).not.toEqual([[], undefined]);
  });

  it('has the same curve when losses are read back while other updates run', async () => {
    const lane = { id: 'a', spec: makeSpec({ training: { updates: 120, reportEvery: 60 } }) };
    const engine = await openFastest();
    const at = await run([lane], { engine });
    const later = await run([lane], { engine: { ...engine, synchronous: false } });
    expect(curveFor(later, 'a')).toEqual(curveFor(at, 'a'));
  });

  it('diverges where its norm exceeds the limit before clipping', async () => {
    const spec = makeSpec({ training: { divergence: { norm: 1e-3 }, clipNorm: 1e-4 } });
    const { results } = await run([{ id: 'a', spec }]);
    expect(results[0]).toMatchObject({ state: 'diverged', updates: 1 });
    expect(results[0]!.message).toMatch(/^update 1: the norm of the gradient, [\d.]+, is above 0.001$/);
  });

  it('diverges where it has nothing to learn by its first report, and not where single batches have nothing', async () => {
    const reports: LaneReport[] = [];
    const within = async (tube: number, training: object): Promise<LaneResult> => {
      const loss = { expression: `max(abs(prediction - target) - ${tube}, 0)` };
      const spec = makeTrial(
        { kind: 'regression', loss },
        { training: { batchSize: 1, diagnostics: false, ...training } },
      );
      const options = { engine: await openFastest(), onReport: (report: LaneReport) => void reports.push(report) };
      return (await train([{ id: 'a', spec }], prepare(sums, spec).data, options))[0]!;
    };
    expect(await within(1000, { updates: 4, reportEvery: 2 })).toMatchObject({
      ...{ state: 'diverged', updates: 2, weights: undefined },
      message: 'update 2: all losses and gradients so far are exactly 0, so nothing is learned',
    });
    expect(reports).toEqual([]);
    const states = async (training: object): Promise<string[]> => {
      const all: string[] = [];
      for (const seed of [1, 2, 3, 4]) all.push((await within(1, { updates: 8, seed, ...training })).state);
      return all;
    };
    expect(new Set(await states({ reportEvery: 1 }))).toEqual(new Set(['completed', 'diverged']));
    expect(await states({ reportEvery: 8 })).toEqual(['completed', 'completed', 'completed', 'completed']);
  });

  it('finds the first offending update on a device that answers late', async () => {
    const engine = { ...(await openFastest()), synchronous: false };
    const wild = makeSpec({
      model: { cell: 'rnn', nonlinearity: 'relu' },
      training: { learningRate: 1000, clipNorm: null, updates: 400, reportEvery: 400 },
    });
    const counts: number[] = [];
    const late = await run([{ id: 'a', spec: wild }], { engine, onUpdate: (count) => counts.push(count) });
    // Read after 50 updates, and looked at when 50 more were under way.
    expect(counts.at(-1)).toBe(100);
    const early = await run([{ id: 'a', spec: wild }]);
    expect(late.results[0]).toMatchObject({ state: 'diverged', message: early.results[0]!.message });
    expect(late.reports.a).toEqual([]);
  });
});

describe('reports', () => {
  it('come every reportEvery updates and at the last one, once each, with all metrics', async () => {
    const took: number[] = [];
    const { reports, results } = await run([{ id: 'a', spec: makeSpec({ training: { updates: 7 } }) }], {
      onReport: (_, validationSeconds) => void took.push(validationSeconds),
    });
    expect(reports.a!.map(({ update }) => update)).toEqual([3, 6, 7]);
    for (const { metrics } of reports.a!) {
      expect(Object.keys(metrics).sort()).toEqual([
        'train.gradientNorm',
        'train.loss',
        'validation.bitsPerToken',
        'validation.loss',
        'validation.perplexity',
      ]);
      expect(metrics['validation.perplexity']).toBeCloseTo(Math.exp(metrics['validation.loss']!), 10);
      expect(metrics['validation.bitsPerToken']).toBeCloseTo(metrics['validation.loss']! / Math.log(2), 10);
    }
    expect(results[0]!.stepsPerSecond).toBeGreaterThan(0);
    expect(results[0]!.validationSeconds).toBeGreaterThan(0);
    expect(results[0]!.validationSeconds).toBeLessThan(results[0]!.seconds);
    expect(took).toHaveLength(3);
    expect([0, ...took, results[0]!.validationSeconds]).toEqual(
      [0, ...took, results[0]!.validationSeconds].sort((a, b) => a - b),
    );
  });

  it('have the mean loss and norm of the updates since the last one', async () => {
    const each = await run([{ id: 'a', spec: makeSpec({ training: { reportEvery: 1 } }) }]);
    const third = await run([{ id: 'a', spec: makeSpec() }]);
    for (const name of ['train.loss', 'train.gradientNorm']) {
      const values = each.reports.a!.map(({ metrics }) => metrics[name]!);
      expect(third.reports.a![1]!.metrics[name]).toBeCloseTo((values[3]! + values[4]! + values[5]!) / 3, 12);
    }
  });

  it('end with snapshots of what was just inspected, as of weights that are inspected again', async () => {
    const lanes = [8, 12].map((hiddenSize) => ({ id: String(hiddenSize), spec: makeSpec({ model: { hiddenSize } }) }));
    const shown = async () => (await run(lanes)).results.map(({ snapshots }) => snapshots);
    const kept = await shown();
    const without = jest.spyOn(LaneGroup.prototype as unknown as { takeSeen(): unknown }, 'takeSeen');
    without.mockReturnValue(undefined);
    expect(await shown()).toEqual(kept);
    expect(without).toHaveBeenCalled();
    expect(kept.every((each) => each!.sequences.length > 0)).toBe(true);
    without.mockRestore();
  });

  it('have a sample of the requested length, and writing it does not affect training', async () => {
    const lane = { id: 'a', spec: makeSpec() };
    const silent = await run([lane]);
    const writing = await run([lane, { id: 'b', spec: makeSpec({ training: { seed: 2 } }) }], { sampleLength: 12 });
    const again = await run([lane], { sampleLength: 12 });
    expect(silent.reports.a![0]!.sample).toBeUndefined();
    const lines = writing.reports.a!.map(({ sample }) => sample!);
    for (const line of lines) expect([...line].every((each) => vocabulary.includes(each)) && line.length).toBe(12);
    expect(again.reports.a!.map(({ sample }) => sample)).toEqual(lines);
    expect(writing.reports.b![0]!.sample).not.toBe(lines[0]);
    expect(curveFor(writing, 'a')).toEqual(curveFor(silent, 'a'));
  });

  it('have a sample of a transformer too, which reads its own output again, up to its window', async () => {
    const of = async (sampleLength: number): Promise<string[]> => {
      const model = { cell: 'transformer', hiddenSize: 8, heads: 2, layers: 1 } as const;
      const training = { bptt: 5, updates: 15, reportEvery: 15, learningRate: 0.05 };
      const lanes = [1, 2].map((seed) => ({
        id: String(seed),
        spec: makeSpec({ model, training: { ...training, seed } }),
      }));
      const { reports } = await run(lanes, { sampleLength });
      return Object.values(reports).map(([report]) => report!.sample!);
    };
    const [long, short] = [await of(20), await of(4)];
    expect(long.map((line) => line.length)).toEqual([20, 20]);
    // What comes later changes nothing of what was written, and no two seeds write alike.
    expect(long.map((line) => line.slice(0, 4))).toEqual(short);
    expect(long[0]).not.toBe(long[1]);
  });

  it('contain diagnostics, the same alone and among others, and taking them does not affect training', async () => {
    const lane = { id: 'a', spec: makeSpec() };
    const looked = await run([lane]);
    const blind = await run([{ id: 'a', spec: makeSpec({ training: { diagnostics: false } }) }]);
    const other = { id: 'b', spec: makeSpec({ training: { seed: 2, diagnostics: false } }) };
    const among = await run([other, lane]);
    const inside = ({ reports }: Outcome, id: string): unknown[] => reports[id]!.map(({ diagnostics }) => diagnostics);
    expect(curveFor(blind, 'a')).toEqual(curveFor(looked, 'a'));
    expect(inside(blind, 'a')).toEqual([undefined, undefined]);
    expect(blind.results[0]!.snapshots).toBeUndefined();
    expect(inside(among, 'a')).toEqual(inside(looked, 'a'));
    expect(inside(among, 'b')).toEqual([undefined, undefined]);
    expect(among.results[1]!.snapshots).toEqual(looked.results[0]!.snapshots);
    expect(looked.results[0]!.snapshots!.sequences[0]!.symbols!.join('')).toBe(text.slice(450, 455));
  });

  it('give the norm of the gradient by group, which together make up the whole', async () => {
    const { reports } = await run([{ id: 'a', spec: makeSpec({ training: { reportEvery: 1 } }) }]);
    for (const { diagnostics, metrics } of reports.a!) {
      const { gradientNorms } = diagnostics!;
      expect(Object.keys(gradientNorms)).toEqual([
        ...['embedding', 'recurrent.l0.input', 'recurrent.l0.recurrent', 'recurrent.l0.bias', 'output'],
      ]);
      const whole = Math.hypot(...Object.values(gradientNorms).map(Number));
      expect(whole / metrics['train.gradientNorm']!).toBeCloseTo(1, 3);
    }
  });

  it('count up once for every update and every validation batch', async () => {
    const counts: number[] = [];
    await run([{ id: 'a', spec: makeSpec() }], { onUpdate: (count) => counts.push(count) });
    const validationBatches = 2 * Math.ceil(Math.ceil((data.validation.length - 1) / 3) / 5);
    expect(counts).toEqual(Array.from({ length: 6 + validationBatches }, (_, index) => index + 1));
  });
});

describe('training', () => {
  it('learns a text that repeats itself', async () => {
    const { reports } = await run([
      {
        id: 'a',
        spec: makeSpec({
          model: { hiddenSize: 32 },
          training: { updates: 100, reportEvery: 100, bptt: 16, learningRate: 0.02 },
        }),
      },
    ]);
    expect(reports.a![0]!.metrics['validation.loss']).toBeLessThan(1);
  });

  it('updates buffers that no penalty, noise or decay touches, and saves them under the names of PyTorch', async () => {
    const of = (training: object): Promise<Outcome> =>
      run([{ id: 'a', spec: makeSpec({ model: { batchNorm: true }, training: { updates: 1, ...training } }) }]);
    const statistics = ({ results }: Outcome): unknown =>
      Object.entries(results[0]!.weights!).filter(([name]) => /running_(mean|var)$/.test(name));
    const plain = await of({});
    expect(statistics(plain)).toHaveLength(2);
    const { shape, values } = plain.results[0]!.weights!['recurrent.norm_ih_l0.running_var']!;
    expect(shape).toEqual([32]);
    expect(values.every((value) => value > 0.9 && value < 1.5 && value !== 1)).toBe(true);
    const optimizer = { kind: 'adamw', weightDecay: 0.5 };
    const harsh = await of({ l1: 0.5, l2: 0.5, gradientNoise: 1, clipNorm: 0.01, learningRate: 0.5, optimizer });
    expect(statistics(harsh)).toEqual(statistics(plain));
    const norms = [plain, await of({ clipNorm: null })].map(
      ({ reports }) => reports.a![0]!.metrics['train.gradientNorm'],
    );
    expect(norms[0]).toBe(norms[1]);
  });

  it('learns with batch normalisation, in lanes that are the same alone, and carries states', async () => {
    const training = { updates: 60, reportEvery: 60, bptt: 12, learningRate: 0.03 };
    const lane = { id: 'a', spec: makeSpec({ model: { hiddenSize: 32, batchNorm: true }, training }) };
    const other = {
      id: 'b',
      spec: makeSpec({ model: { hiddenSize: 20, batchNorm: true }, training: { ...training, updates: 2, seed: 4 } }),
    };
    const alone = await run([lane]);
    expect(alone.reports.a![0]!.metrics['validation.loss']).toBeLessThan(1.2);
    expect(curveFor(await run([other, lane]), 'a')).toEqual(curveFor(alone, 'a'));
  });

  it('with carried states differs from training without them from the second window on', async () => {
    const training = { reportEvery: 1, updates: 2 };
    const [stateful, stateless] = [
      await run([{ id: 'a', spec: makeSpec({ training }) }]),
      await run([{ id: 'a', spec: makeSpec({ training: { ...training, stateful: false } }) }]),
    ];
    const losses = [stateful, stateless].map(({ reports }) => reports.a!.map(({ metrics }) => metrics['train.loss']));
    expect(losses[0]![0]).toBe(losses[1]![0]);
    expect(losses[0]![1]).not.toBe(losses[1]![1]);
  });

  it('gets the same losses whether it projects the table or the embedded tokens', async () => {
    // 20 symbols: windows of 15 tokens project vectors, windows of 60 the table.
    const losses = await Promise.all(
      [5, 20].map(async (bptt) => {
        const { reports } = await run([
          { id: 'a', spec: makeSpec({ training: { bptt, updates: 1, learningRate: 1e-9 } }) },
        ]);
        return reports.a![0]!.metrics['validation.loss']!;
      }),
    );
    expect(losses[0]).toBeCloseTo(losses[1]!, 5);
  });

  it('leaves no tensor behind, however its lanes end', async () => {
    const engine = await openFastest();
    const { tensors } = engine.memory();
    const cancelled = AbortSignal.abort();
    await run(
      [
        { id: 'completed', spec: makeSpec({ training: { bptt: { k1: 3, k2: 9 }, updates: 5 } }) },
        { id: 'cancelled', spec: makeSpec({ training: { bptt: { k1: 3, k2: 9 } } }), signal: cancelled },
        {
          id: 'diverged',
          spec: makeSpec({ training: { bptt: { k1: 3, k2: 9 }, divergence: { norm: 1e-9 } } }),
        },
      ],
      { engine, sampleLength: 5 },
    );
    expect(engine.memory().tensors).toBe(tensors);
    const failing = run([{ id: 'a', spec: makeSpec() }], {
      engine,
      onReport: () => Promise.reject(new Error('no one listens')),
    });
    await expect(failing).rejects.toThrow('no one listens');
    expect(engine.memory().tensors).toBe(tensors);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('refuses lanes that cannot be fused, naming what differs', async () => {
    const fit = async (change: Change): Promise<unknown> =>
      run([
        { id: 'a', spec: makeSpec() },
        { id: 'b', spec: makeSpec(change) },
      ]);
    await expect(fit({ model: { cell: 'gru' } })).rejects.toThrow('lanes must share model.cell: "lstm" and "gru"');
    await expect(fit({ model: { hiddenSize: 33 } })).rejects.toThrow('lanes must share model.hiddenSize: 32 and 40');
    await expect(fit({ training: { batchSize: 4 } })).rejects.toThrow('lanes must share training.batchSize');
    await expect(fit({ training: { optimizer: 'sgd' } })).rejects.toThrow('lanes must share training.optimizer');
    await expect(run([])).rejects.toThrow('nothing to train');
  });
});
