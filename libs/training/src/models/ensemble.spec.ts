import { tasks, type ModelHeader, type TaskKind } from '@unroll/contracts';
import { encode, prepare, score, toReading, type DatasetBytes, type ExampleData } from '@unroll/datasets';
import { normalQuantile } from '../metrics/quantiles';
import { drawnWith, standardNormal } from '../metrics/random-numbers';
import type { TargetForecast } from '../tasks/task';
import {
  chords,
  echoes,
  labelled,
  makeSpec,
  sums,
  trained,
  wave,
  words,
  type Changes,
} from '../testing/models.fixture';
import { combinationProblem } from './combinable';
import { combinedForecast } from './combined-forecast';
import { openAnswering } from './ensemble';
import { forecastFurther } from './forecast-further';
import type { Model } from './model-file';
import { Network } from './network';

const trees = { kind: 'labelled', bytes: Buffer.from('(1 (0 a) (1 b))\n(0 (0 a) (0 a))\n'.repeat(12)) } as const;
const cases: [TaskKind, DatasetBytes, object][] = [
  ['classification', words, {}],
  ['regression', sums, { pooling: 'mean' }],
  ['tagging', echoes, {}],
  ['multilabel-frames', chords, {}],
  ['tree-classification', trees, {}],
];

/** Networks of different sizes and seeds that were trained a little. */
async function several(source: DatasetBytes, task: object, changes: readonly Changes[]): Promise<Model[]> {
  const models: Model[] = [];
  for (const [seed, each] of changes.entries()) {
    const model = { cell: 'lstm', hiddenSize: 8 + 4 * seed, ...each.model };
    const spec = makeSpec(task, { ...each, model, training: { updates: 12, reportEvery: 12, seed, ...each.training } });
    models.push((await trained(source, [spec])).model);
  }
  return models;
}

const dataOf = (models: readonly Model[], source: DatasetBytes): ExampleData[] =>
  models.map(({ header: { spec, reading } }) => prepare(source, { ...spec, reading }).data as ExampleData);

/** What `model` alone answers, and its metrics. */
async function alone(model: Model, data: ExampleData): Promise<{ answers: any[]; metrics: Record<string, number> }> {
  const network = new Network(model, data);
  const found = { answers: await network.answers(), metrics: await network.measure() };
  network.dispose();
  return found;
}

async function together(models: readonly Model[], data: readonly ExampleData[]) {
  const answering = openAnswering(models, data);
  const found = {
    answers: (await answering.answers()) as any[],
    metrics: await answering.measure(),
    data: answering.data as ExampleData,
  };
  answering.dispose();
  return found;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('several networks as one', () => {
  it.each(cases)('of %s that are the same answer and measure as one of them', async (kind, source, options) => {
    const [model] = await several(source, { kind, ...options }, [{}]);
    const [data] = dataOf([model!], source);
    const own = await alone(model!, data!);
    const { answers, metrics } = await together([model!, model!, model!], [data!]);
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(own.metrics).sort());
    for (const [name, value] of Object.entries(metrics)) expect(value).toBeCloseTo(own.metrics[name]!, 4);
    expect(answers).toHaveLength(own.answers.length);
    const [{ class: found, tags, labels }] = own.answers;
    if (found) expect(answers.map((each) => each.class)).toEqual(own.answers.map((each) => each.class));
    if (tags) expect(answers).toEqual(own.answers);
    if (labels) expect(answers[0].labels.map((each: any) => each.label)).toEqual(labels.map((each: any) => each.label));
  });

  it('of every other task are forecasts, or are refused', () => {
    const refused = (Object.keys(tasks) as TaskKind[]).filter((kind) => {
      const header = { fingerprint: 'f', reading: {}, spec: { task: { kind }, dataset: {} } } as unknown as ModelHeader;
      return (
        kind !== 'forecasting' &&
        combinationProblem([header, header])?.message === `task: what networks of ${kind} write has no mean`
      );
    });
    expect([...refused, ...cases.map(([kind]) => kind), 'forecasting'].sort()).toEqual(Object.keys(tasks).sort());
  });

  it('classify by the mean of their probabilities, whose loss is below the mean of theirs', async () => {
    const models = await several(words, { kind: 'classification' }, [
      {},
      { training: { batchSize: 5 } },
      { model: { cell: 'gru' } },
    ]);
    const [data] = dataOf(models, words);
    const own = await Promise.all(models.map((model) => alone(model, data!)));
    const { answers, metrics } = await together(models, [data!]);
    const byHand = answers.map((_, index) => mean(own.map((each) => each.answers[index].probabilities.A)));
    answers.forEach(({ class: found, probabilities }, index) => {
      expect(probabilities.A).toBeCloseTo(byHand[index]!, 6);
      expect(found).toBe(byHand[index]! > 0.5 ? 'A' : 'B');
    });
    const { targets } = data!.validation as { targets: { classes: Int32Array } };
    const loss = mean(byHand.map((a, index) => -Math.log(targets.classes[index] === 0 ? a : 1 - a)));
    expect(metrics.loss).toBeCloseTo(loss, 5);
    expect(metrics.loss).toBeLessThan(mean(own.map((each) => each.metrics.loss!)));
  });

  it('predict the mean number, whose squared error is theirs less their variance', async () => {
    const models = await several(sums, { kind: 'regression' }, [{}, {}, {}]);
    const [data] = dataOf(models, sums);
    const own = await Promise.all(models.map((model) => alone(model, data!)));
    const { answers, metrics } = await together(models, [data!]);
    const spread = answers.map(({ value }, index) => {
      const all = own.map((each) => each.answers[index].value as number);
      expect(value).toBeCloseTo(mean(all), 3);
      return mean(all.map((each) => (each - mean(all)) ** 2));
    });
    // Krogh & Vedelsby (1995), equation 6.
    expect(metrics.mse).toBeCloseTo(mean(own.map((each) => each.metrics.mse!)) - mean(spread), 1);
  });
});

describe('several forecasts as one', () => {
  const task = { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 };

  it('are their mean in the windows that all can forecast, however each sees the series', async () => {
    const other = { ...task, lookback: 20, normalise: 'window', reference: 'last', inputs: [] };
    const models = [...(await several(wave, task, [{}])), ...(await several(wave, other, [{}]))];
    const data = models.map(
      ({ header: { spec, reading } }) => score(wave, { ...spec, reading }, 1).data as ExampleData,
    );
    const [short, long] = await Promise.all(models.map((model, index) => alone(model, data[index]!)));
    const { answers, metrics, data: common } = await together(models, data);
    // Of 150 rows, from row 20 on.
    expect(answers).toHaveLength(129);
    expect(answers).toHaveLength(long!.answers.length);
    expect(answers.length).toBeLessThan(short!.answers.length);
    const offset = short!.answers.length - answers.length;
    const { truth, starts } = common.validation.units![0]!;
    let squares = 0;
    answers.forEach(({ forecasts: [{ values }] }, index) =>
      (values as number[]).forEach((value, ahead) => {
        const pair = [short!.answers[index + offset], long!.answers[index]].map(
          (each) => each.forecasts[0].values[ahead],
        );
        expect(value).toBeCloseTo(mean(pair), 9);
        squares += (value - truth[starts[index]! + ahead]!) ** 2;
      }),
    );
    expect(metrics.mse).toBeCloseTo(squares / answers.length / 2, 9);
    expect(metrics).not.toHaveProperty('loss');

    // New input, and further than at once.
    const encoded = models.map(
      ({ header: { spec, reading } }) => encode(wave, { ...spec, reading }).data as ExampleData,
    );
    const [next] = (await together(models, encoded)).answers;
    const single = await Promise.all(
      models.map((model) => forecastFurther([model], wave, 5, { samples: 10, seed: 0 })),
    ).catch((error: Error) => error.message);
    // The first reads column b, which is not known ahead.
    expect(single).toContain('the model reads b');
    const [further] = await forecastFurther([models[1]!, models[1]!], wave, 5, { samples: 10, seed: 0 });
    const [one] = await forecastFurther([models[1]!], wave, 5, { samples: 10, seed: 0 });
    further!.values.forEach((value, row) => expect(value).toBeCloseTo(one!.values[row]!, 9));
    expect(next.forecasts[0].values).toHaveLength(2);
  });

  it('of distributions are continued by the paths of each', async () => {
    const own = { ...task, inputs: [], horizon: 1, loss: { distribution: 'normal' } };
    const models = await several(wave, own, [{}, {}]);
    const each = await Promise.all(models.map((model) => forecastFurther([model], wave, 4, { samples: 50, seed: 0 })));
    const [both] = await forecastFurther(models, wave, 4, { samples: 100, seed: 0 });
    const [a, b] = each.map(([one]) => one!);
    both!.values.forEach((value, row) => {
      const ends = ['0.05', '0.95'].map((level) => [a!, b!].map((one) => one.quantiles[level]![row]!));
      expect(value).toBeGreaterThan(Math.min(...ends[0]!));
      expect(value).toBeLessThan(Math.max(...ends[1]!));
      expect(both!.quantiles['0.95']![row]!).toBeLessThanOrEqual(Math.max(...ends[1]!) + 1e-9);
    });
    expect(await forecastFurther(models, wave, 4, { samples: 100, seed: 0 })).toEqual([both]);
  });

  it('have the mean of each quantile, and of points the mean', () => {
    const of = (low: number, middle: number, high: number): TargetForecast => ({
      values: [middle],
      quantiles: { 0.05: [low], 0.5: [middle], 0.95: [high] },
    });
    expect(combinedForecast([of(1, 2, 3), of(2, 4, 9)])).toEqual(of(1.5, 3, 6));
    expect(combinedForecast([{ values: [1, 5] }, { values: [2, 9] }])).toEqual({ values: [1.5, 7] });
  });

  it('of distributions are the mixture in equal parts', () => {
    const normal = (center: number, deviation: number): TargetForecast => {
      const quantilesAt = (levels: readonly number[]) =>
        levels.map((level) => [center + deviation * normalQuantile(level)]);
      const levels = [0.05, 0.5, 0.95];
      return {
        values: [center],
        quantiles: Object.fromEntries(levels.map((level, at) => [level, quantilesAt(levels)[at]!])),
        quantilesAt,
        draw: () => [center + deviation * standardNormal()],
      };
    };
    const { quantiles, values, draw } = combinedForecast([normal(0, 1), normal(6, 2)]);
    // The roots of (Φ(x) + Φ((x − 6) / 2)) / 2 = level.
    expect(quantiles![0.05]![0]).toBeCloseTo(-1.2823, 1);
    expect(values[0]).toBeCloseTo(2.0, 1);
    expect(quantiles![0.95]![0]).toBeCloseTo(8.563, 2);
    const drawn = drawnWith(1, 1, () => Array.from({ length: 4000 }, () => draw!()[0]!));
    expect(mean(drawn.map((value) => Number(value < quantiles![0.05]![0]!)))).toBeCloseTo(0.05, 1);
    expect(mean(drawn)).toBeGreaterThan(2.8);
    expect(mean(drawn)).toBeLessThan(3.2);
    // The first count that reaches a level.
    const counts = (all: number[]): TargetForecast => ({
      ...{ values: [0], quantiles: { 0.5: [0] }, draw: () => [0] },
      quantilesAt: (levels) => levels.map((level) => [all[Math.floor(level * all.length)]!]),
    });
    expect(combinedForecast([counts([0, 1]), counts([4, 4])], true).values).toEqual([1]);
  });

  const headerOf = (source: DatasetBytes, asked: object | string, options: Changes = {}): ModelHeader => {
    const spec = makeSpec(asked, options);
    const reading = toReading(prepare(source, spec).data);
    return { version: 1, spec, reading, fingerprint: 'f', update: 1, metrics: {} };
  };
  const header = (change: object, options: Changes = {}) => headerOf(wave, { ...task, ...change }, options);

  it.each([
    ['of another horizon', { horizon: 3 }, {}, 'task.horizon: is 3, and 2 in the first'],
    ['of another column', { target: 'b' }, {}, 'task.target: is b, and a in the first'],
    [
      'of quantiles',
      { loss: { quantiles: [0.1, 0.5] } },
      {},
      'task.loss: is quantiles 0.1, 0.5, and a value in the first',
    ],
    [
      'of distributions',
      { loss: { distribution: 'normal' } },
      {},
      'task.loss: is a distribution, and a value in the first',
    ],
    ['that fills in another way', {}, { dataset: { missing: 'drop' } }, 'dataset.missing: is'],
  ])('are refused %s', (_, change, options, message) => {
    expect(combinationProblem([header({}), header(change, options)])).toEqual({
      index: 1,
      message: expect.stringContaining(message),
    });
  });

  it('are refused of other data, of another task, or of other symbols', () => {
    const own = header({ loss: 'mae', lookback: 4, normalise: 'window' });
    expect(combinationProblem([header({}), own])).toBeUndefined();
    expect(combinationProblem([own, { ...own, fingerprint: 'g' }])!.message).toBe(
      'was trained on other data than the first',
    );
    const letters = headerOf(words, 'classification');
    const rows = ['q', 'r', 'qr', 'rq', 'qq', 'rr'].map((text, index) => ({ text, label: 'AB'[index % 2] }));
    const others = headerOf(labelled(rows), 'classification', { dataset: { split: { validation: 0.4 } } });
    expect(combinationProblem([own, letters])!.message).toBe('task: is classification, and forecasting in the first');
    expect(combinationProblem([letters, others])!.message).toBe('reads other symbols of the input than the first');
  });
});
