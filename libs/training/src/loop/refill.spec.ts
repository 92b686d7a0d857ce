import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DataSource, type PreparedData } from '@unroll/datasets';
import { everyEngine, everyFastEngine, openFastest, shareOf } from '../testing/for-each-engine';
import { tf } from '../tensor/tfjs';
import type { Checkpoint } from './checkpoint';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';
import { train } from './train';
import type { TrainOptions } from './train-options';

const text: DataSource = {
  kind: 'text',
  bytes: Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(5)),
};

type Change = { model?: object; training?: object; dataset?: object };

const makeSpec = (
  { model, training, dataset }: Change = {},
  seed = 1,
  task: object | string = 'language-model',
): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'fox', ...dataset },
    task,
    model: { cell: 'lstm', hiddenSize: 8 + seed, embeddingSize: 4, ...model },
    training: {
      ...{ bptt: 5, batchSize: 3, updates: 3 + seed, reportEvery: 3, learningRate: 0.01, seed },
      ...training,
    },
  });

interface Outcome {
  results: LaneResult[];
  reports: Record<string, LaneReport[]>;
}

async function run(lanes: LaneRequest[], data: PreparedData, options: Partial<TrainOptions> = {}): Promise<Outcome> {
  const reports: Record<string, LaneReport[]> = {};
  const results = await train(lanes, data, {
    engine: options.engine ?? (await openFastest()),
    sampleLength: 6,
    ...options,
    onReport: (report) => void (reports[report.id] ??= []).push(report),
  });
  return { results, reports };
}

/** What must not depend on company. */
const curveFor = ({ results, reports }: Outcome, id: string): unknown => {
  const { state, updates, weights, snapshots } = results.find((result) => result.id === id)!;
  return [reports[id], state, updates, weights, snapshots];
};

/** Hands each of `requests` over after so many updates of the group. */
function handedOver(requests: readonly (readonly [after: number, request: LaneRequest])[]): () => LaneRequest[] {
  let updates = 0;
  return () => {
    updates++;
    return requests.flatMap(([after, request]) => (after === updates ? [request] : []));
  };
}

async function comparesAlone(
  change: Change,
  data: PreparedData,
  options: Partial<TrainOptions> = {},
  task?: object,
): Promise<void> {
  const lanes = [1, 2, 3, 4].map((seed): LaneRequest => ({ id: String(seed), spec: makeSpec(change, seed, task) }));
  // The third comes beside one that stands elsewhere, the last into the place of one that left.
  const arrivals = handedOver([
    [2, lanes[2]!],
    [5, lanes[3]!],
  ]);
  const together = await run(lanes.slice(0, 2), data, { ...options, arrivals });
  expect(together.results.map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  // The second sees all that the first sees.
  for (const lane of lanes.slice(1))
    expect(curveFor(together, lane.id)).toEqual(curveFor(await run([lane], data, options), lane.id));
}

describe.each(everyEngine)('a lane that joins others on $label', ({ name, open }) => {
  it('trains as it would alone, bit for bit', async () => {
    const engine = await open();
    // The slow engine has a cell of few operations.
    const change = name === 'cpu' ? { model: { cell: 'rnn' } } : {};
    const { data } = prepare(text, makeSpec(change));
    await comparesAlone(change, data, { engine });
  });
});

const labelled = (lengths: readonly number[]): DataSource => ({
  kind: 'labelled',
  bytes: Buffer.from(
    Array.from({ length: 40 }, (_, index) => {
      const tokens = Array.from({ length: lengths[index % lengths.length]! }, (_, at) => 'ab'[(index + at) % 2]);
      return JSON.stringify({ tokens, label: index % 2 ? 'x' : 'y' });
    }).join('\n'),
  ),
});

describe.each(everyFastEngine)('a lane that joins others on $label', (way) => {
  it.each(shareOf(way, ['last', 'mean', 'attention']))(
    'reads examples of one bucket as it does alone: %s',
    async (pooling) => {
      const engine = await way.open();
      const change = { training: { bptt: 'full', batchSize: 7 } };
      const task = { kind: 'classification', pooling };
      const { data } = prepare(labelled([5, 6, 8]), makeSpec(change, 1, task));
      await comparesAlone(change, data, { engine }, task);
    },
  );

  const options: [string, Change][] = [
    ['with a longer memory than its window', { training: { bptt: { k1: 3, k2: 9 } } }],
    ['with two layers that drop units', { model: { layers: 2, dropout: 0.3, recurrentDropout: 0.2 } }],
    ['without carried states', { training: { stateful: false } }],
  ];
  it.each(shareOf(way, options, { turn: 1 }))('trains as it would alone, bit for bit: %s', async (_, change) => {
    const engine = await way.open();
    const { data } = prepare(text, makeSpec(change));
    await comparesAlone(change, data, { engine });
  });
});

describe('a lane that joins others', () => {
  it.each<[string, Change]>([
    ['rnn', { model: { cell: 'rnn' } }],
    ['gru', { model: { cell: 'gru' } }],
    ['normalised over the batch', { model: { batchNorm: true } }],
    ['of a transformer', { model: { cell: 'transformer', hiddenSize: 8, heads: 2 } }],
    ['with learned first states', { model: { learnedInitialState: true } }],
    ['with adagrad', { training: { optimizer: 'adagrad' } }],
  ])('has the same numbers as alone: %s', async (_, change) => {
    const { data } = prepare(text, makeSpec(change));
    await comparesAlone(change, data);
  });

  it('continues from its checkpoint, beside lanes at other updates', async () => {
    const { data } = prepare(text, makeSpec());
    const lane = { id: 'a', spec: makeSpec({ training: { updates: 9 } }) };
    let checkpoint: Checkpoint | undefined;
    let asked = 0;
    const whole = await run([lane], data, {
      checkpointDue: () => ++asked === 4,
      onCheckpoint: (_, own) => (checkpoint = own),
    });
    const other = { id: 'b', spec: makeSpec({ training: { updates: 8 } }, 2) };
    const arrivals = handedOver([[3, { ...lane, checkpoint }]]);
    const joined = await run([other], data, { arrivals });
    expect(joined.reports.a).toEqual(whole.reports.a!.filter(({ update }) => update > 4));
    expect(joined.results[1]!.weights).toEqual(whole.results[0]!.weights);
    expect(curveFor(joined, 'b')).toEqual(curveFor(await run([other], data), 'b'));
  });

  it('does not join if its checkpoint belongs to another network, and does not affect the others', async () => {
    const { data } = prepare(text, makeSpec());
    const checkpoint = { ...(await takeCheckpoint(data)), layout: 'another' };
    const lanes = [1, 2, 3].map((seed) => ({ id: String(seed), spec: makeSpec({}, seed) }));
    const refused: string[] = [];
    const outcome = await run(lanes.slice(0, 1), data, {
      arrivals: () => (refused.length > 0 ? [] : [{ ...lanes[1]!, checkpoint }, lanes[2]!]),
      onRefused: (id, { message }) => refused.push(`${id}: ${message}`),
    });
    expect(refused).toEqual(['2: the checkpoint belongs to another network or another length of training']);
    expect(outcome.results.map(({ id }) => id)).toEqual(['1', '3']);
    expect(curveFor(outcome, '3')).toEqual(curveFor(await run([lanes[2]!], data), '3'));
  });

  it('counts its time from its own start, and leaves no tensor behind', async () => {
    const { data } = prepare(text, makeSpec());
    const lanes = [1, 2].map((seed) => ({ id: String(seed), spec: makeSpec({}, seed) }));
    await run(lanes, data);
    const before = tf.memory().numTensors;
    const began = performance.now();
    const { results } = await run(lanes.slice(0, 1), data, { arrivals: handedOver([[4, lanes[1]!]]) });
    expect(tf.memory().numTensors).toBe(before);
    expect(results[0]!.seconds + results[1]!.seconds).toBeLessThan((performance.now() - began) / 1000);
  });
});

describe('batches', () => {
  const opened = async (source: DataSource, task: object): Promise<boolean> => {
    const spec = trialSpec.parse({
      dataset: { name: 'a' },
      task,
      model: { cell: 'rnn', hiddenSize: 4, embeddingSize: 4 },
      training: { updates: 1, reportEvery: 1, batchSize: 4 },
    });
    const { data } = prepare(source, spec);
    let even: boolean | undefined;
    await run([{ id: 'a', spec }], data, { onOpen: ({ evenBatches }) => (even = evenBatches) });
    return even!;
  };
  it('are even for a text and for sequences of one bucket, and not for others', async () => {
    expect(await opened(text, { kind: 'language-model' })).toBe(true);
    expect(await opened(labelled([5, 8]), { kind: 'classification' })).toBe(true);
    expect(await opened(labelled([5, 9]), { kind: 'classification' })).toBe(false);
  });
});

async function takeCheckpoint(data: PreparedData): Promise<Checkpoint> {
  let checkpoint: Checkpoint | undefined;
  await run([{ id: 'a', spec: makeSpec() }], data, {
    checkpointDue: () => checkpoint === undefined,
    onCheckpoint: (_, own) => (checkpoint = own),
  });
  return checkpoint!;
}
