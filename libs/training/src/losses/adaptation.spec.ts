import { prepare } from '@unroll/datasets';
import { covariance } from './adaptation';
import { openFastest } from '../testing/for-each-engine';
import { tf } from '../tensor/tfjs';
import type { Model } from '../models/model-file';
import { labelled, many, makeSpec, trained } from '../testing/models.fixture';
import { Network } from '../models/network';
import { openEncoder } from '../tasks/encoder';
import { measuringBatches } from '../batches/example-batches';
import { pooledFeatures } from '../tasks/head';

beforeAll(() => openFastest());

it('the covariance is that of the existing rows', async () => {
  const rows = [
    [1, 2],
    [3, -1],
    [0, 5],
  ];
  const features = tf.tensor3d([[...rows, [1e9, NaN]]]);
  const values = await covariance({ features, counts: [3] }).data();
  const mean = [0, 1].map((column) => rows.reduce((sum, row) => sum + row[column]!, 0) / 3);
  const expected = [0, 1].flatMap((a) =>
    [0, 1].map((b) => rows.reduce((sum, row) => sum + (row[a]! - mean[a]!) * (row[b]! - mean[b]!), 0) / 2),
  );
  Array.from(values).forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 4));
});

/**
 * Two classes by the sign of what is common to two numbers a step. In validation the numbers are turned and stretched, so
 * that what tells the classes apart is spread otherwise: a shift of the inputs' covariance.
 */
const shifted = labelled(
  many(240, (index) => {
    const held = index >= 160;
    const label = index % 2;
    const noise = (step: number, of: number): number => Math.sin(index * 12.9898 + step * 78.233 + of * 37.719) * 1.4;
    const frames = many(4, (step) => {
      const [a, b] = [(label ? 0.8 : -0.8) + 0.5 * noise(step, 0), 2 * noise(step, 1)];
      return held ? [a * 0.35, b * 2.5 + a] : [a, b];
    });
    return { frames, label: label ? 'up' : 'down', part: held ? 'validation' : 'train' };
  }),
);

const task = { kind: 'classification', pooling: 'mean' } as const;
const training = { batchSize: 40, updates: 120, reportEvery: 120, learningRate: 0.02, keep: 'last', seed: 3 };

/** ‖C_S − C_T‖²_F of the features over 4·d². */
async function distance(model: Model): Promise<number> {
  const { data } = prepare(shifted, { ...model.header.spec, reading: model.header.reading });
  if (data.kind !== 'examples') throw new Error('examples were expected');
  const { model: net, training: how } = model.header.spec;
  const network = new Network(model, data);
  const encoder = openEncoder(net, how, data);
  const values = tf.tidy(() => {
    const [source, target] = [data.train, data.validation].map((examples) => {
      const batch = measuringBatches(examples, examples.count).batch(0, 1);
      const features = pooledFeatures(net, 'mean', network.named, encoder.run(network.named, batch), batch);
      return covariance({ features, counts: [examples.count] });
    });
    return tf.sum(tf.square(tf.sub(source!, target!)));
  });
  const [sum] = await values.data();
  values.dispose();
  network.dispose();
  return sum! / (4 * net.hiddenSize ** 2);
}

describe('CORAL', () => {
  it('brings the covariances of features together, and helps where validation inputs differ', async () => {
    const plain = await trained(shifted, [makeSpec(task, { training })]);
    const adaptation = { kind: 'coral', weight: 300 };
    const adapted = await trained(shifted, [makeSpec(task, { training: { ...training, adaptation } })]);
    const [before, after] = [await distance(plain.model), await distance(adapted.model)];
    expect(after).toBeLessThan(before / 4);
    const accuracies = [plain, adapted].map(({ reports }) => reports[0]!.at(-1)!.metrics['validation.accuracy']!);
    expect(accuracies[1]! - accuracies[0]!).toBeGreaterThan(0.05);
  });

  it('never sees an answer of the validation part', async () => {
    const wrong = labelled(
      Buffer.from(shifted.bytes)
        .toString()
        .split('\n')
        .map((line) => JSON.parse(line) as { label: string; part: string })
        .map((row, index) => (row.part === 'train' ? row : { ...row, label: index % 3 ? 'up' : 'down' })),
    );
    const adaptation = { kind: 'coral', weight: 10 };
    const spec = makeSpec(task, { training: { ...training, updates: 20, reportEvery: 20, adaptation } });
    const [right, other] = [await trained(shifted, [spec]), await trained(wrong, [spec])];
    expect(other.model.weights).toEqual(right.model.weights);
    expect(other.reports[0]![0]!.metrics['train.loss']).toBe(right.reports[0]![0]!.metrics['train.loss']);
  });

  it('has a weight for each lane, and a lane of weight 0 trains as without it', async () => {
    const of = (weight: number, hiddenSize = 12) =>
      makeSpec(task, {
        model: { hiddenSize },
        training: { ...training, updates: 20, reportEvery: 20, adaptation: { weight } },
      });
    const alone = await trained(shifted, [of(5)]);
    const among = await trained(shifted, [of(0), of(5), of(50, 20)]);
    expect(among.results[1]!.weights).toEqual(alone.results[0]!.weights);
    const without = await trained(shifted, [
      makeSpec(task, { training: { ...training, updates: 20, reportEvery: 20 } }),
    ]);
    for (const [name, { values }] of Object.entries(without.model.weights))
      among.model.weights[name]!.values.forEach((value, at) => expect(value).toBeCloseTo(values[at]!, 5));
  });
});
