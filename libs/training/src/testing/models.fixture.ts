import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, toReading, type DatasetBytes, type PreparedData } from '@unroll/datasets';
import { openFastest } from './for-each-engine';
import type { LaneReport, LaneResult } from '../loop/lane-request';
import { train } from '../loop/train';
import { toModel, type Model } from '../models/model-file';
import { inheritedReading, initialWeights } from '../models/init-from';

export const many = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));

export const labelled = (rows: readonly object[]): DatasetBytes => ({
  kind: 'labelled',
  bytes: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
});

/** Words of unequal lengths whose class is their first letter. */
export const wordRows = many(60, (index) => ({
  text: (index % 2 ? 'a' : 'b') + 'xyz'.repeat(1 + (index % 4)).slice(index % 3),
  label: index % 2 ? 'A' : 'B',
}));
export const words = labelled(wordRows);
export const text: DatasetBytes = { kind: 'text', bytes: Buffer.from('to be, or not to be: that is. '.repeat(40)) };
export const sums = labelled(
  many(60, (index) => {
    const frames = many(3 + (index % 4), (step) => [((index * 7 + step * 3) % 10) / 10, step % 2]);
    return { frames, target: 500 + 100 * frames.reduce((sum, [value]) => sum + value!, 0) };
  }),
);
export const echoes = labelled(
  many(60, (index) => {
    const tokens = many(3 + (index % 5), (step) => 'pqr'[(index * step + index + step) % 3]!);
    return { tokens, tags: ['-', ...tokens.slice(0, -1)] };
  }),
);
export const waveText = (rows: number): string =>
  `day,a,b\n${many(rows, (row) => `d${row},${(50 + 10 * Math.sin(row / 3)).toFixed(4)},${row % 7}`).join('\n')}`;
export const wave: DatasetBytes = { kind: 'series', bytes: Buffer.from(waveText(150)) };
export const chords: DatasetBytes = {
  kind: 'frames',
  bytes: Buffer.from(
    JSON.stringify(many(30, (index) => many(4 + (index % 4), (step) => (step % 2 ? [60, 64] : [62])))),
  ),
};

export interface Changes {
  model?: object;
  training?: object;
  dataset?: object;
}

export const makeSpec = (task: object | string, { model, training, dataset }: Changes = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.2 }, ...dataset },
    task,
    model: { cell: 'gru', hiddenSize: 12, embeddingSize: 4, ...model },
    training: { batchSize: 7, updates: 4, reportEvery: 2, learningRate: 0.01, seed: 1, ...training },
  });

export interface Trained {
  results: LaneResult[];
  reports: LaneReport[][];
  data: PreparedData;
  /** Of the first lane. */
  model: Model;
}

/** Trains lanes, from a model where one is given. */
export async function trained(source: DatasetBytes, specs: readonly TrialSpec[], start?: Model): Promise<Trained> {
  const engine = await openFastest();
  const reading = start && inheritedReading(specs[0]!, start);
  const { data } = prepare(source, { ...specs[0]!, reading });
  const reports: LaneReport[][] = specs.map(() => []);
  const results = await train(
    specs.map((spec, index) => ({ id: String(index), spec, initFrom: start && initialWeights(spec, start, data) })),
    data,
    { engine, sampleLength: 0, onReport: (report) => void reports[Number(report.id)]!.push(report) },
  );
  const about = { spec: specs[0]!, reading: toReading(data), fingerprint: 'f' };
  return { results, reports, data, model: toModel(results[0]!, about) };
}
