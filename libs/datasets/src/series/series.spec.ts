import { trialSpec, type DatasetSpec } from '@unroll/contracts';
import { readVectors } from '../prepared/data';
import { inUnits } from './forecast-units';
import { prepareForecast } from './forecasting';
import { readSeries } from './table';

const table = (content: string, missing: DatasetSpec['missing'] = 'error') =>
  readSeries(Buffer.from(content), { missing });
const readColumns = (content: string, missing?: DatasetSpec['missing']): number[][] =>
  table(content, missing).columns.map((column) => [...column]);
const forecast = (content: string, task: object, dataset: object = {}) => {
  const spec = trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.2 }, ...dataset },
    task: { kind: 'forecasting', ...task },
  });
  return prepareForecast(
    readSeries(Buffer.from(content), spec.dataset),
    spec.task as Parameters<typeof prepareForecast>[1],
    spec.dataset,
  );
};
const counting = (rows: number): string =>
  `t,x\n${Array.from({ length: rows }, (_, row) => `d${row},${row}`).join('\n')}`;

type Vectors = Parameters<typeof readVectors>[0];

const range = (from: number, last: number): number[] =>
  Array.from({ length: last - from + 1 }, (_, index) => from + index);

describe('a series', () => {
  it('has the numeric columns in the order of rows', () => {
    const { names, columns } = table('date,temp,name,wind\n2020-01-01,1.5,a,2\n2020-01-02,-3,b,4\n');
    expect(names).toEqual(['temp', 'wind']);
    expect(columns.map((column) => [...column])).toEqual([
      [1.5, -3],
      [2, 4],
    ]);
  });

  it('with a missing value is refused with its line, or filled as requested', () => {
    const gaps = 'd,x\na,1\nb,\nc,NA\nd,4\ne,\n';
    expect(() => table(gaps)).toThrow(
      'line 3: x has no value, like 2 other rows; fill it in, or set dataset.missing: drop, previous or interpolate',
    );
    expect(readColumns(gaps, 'drop')).toEqual([[1, 4]]);
    for (const fill of ['previous', 'interpolate'] as const) {
      expect(table(gaps, fill).fill).toBe(fill);
      expect(readColumns(gaps, fill)).toEqual([[1, NaN, NaN, 4, NaN]]);
    }
  });

  it('without numbers, or without rows, is refused', () => {
    expect(() => table('a,b\nx,y\n')).toThrow('the series has no numeric column');
    expect(() => table('')).toThrow('the data set is empty');
  });
});

describe('a forecast', () => {
  it('looks back at the rows before the forecast, in order of time', () => {
    const { data } = forecast(counting(20), { lookback: 3, horizon: 2, normalise: 'none' });
    const { inputs, targets, count } = data.train;
    // Training rows are 0 to 15: the first forecast is for rows 3 and 4, the last for 14 and 15.
    expect(count).toBe(12);
    expect([...readVectors(inputs as Vectors, 0)]).toEqual([0, 1, 2]);
    expect([...(targets as { values: Float32Array }).values.subarray(0, 2)]).toEqual([3, 4]);
    expect([...(targets as { values: Float32Array }).values.slice(-2)]).toEqual([14, 15]);
    // Held-out windows may look back into training rows, but forecast only rows from 16 on.
    expect([...readVectors(data.validation.inputs as Vectors, 0)]).toEqual([13, 14, 15]);
    expect([...(data.validation.targets as { values: Float32Array }).values.subarray(0, 2)]).toEqual([16, 17]);
  });

  it('scales by the training rows only', () => {
    const { data } = forecast(counting(20), { lookback: 3, normalise: 'min-max' });
    expect([data.inputScaling, data.targetScaling]).toEqual([
      { shift: [0], scale: [15] },
      { shift: [0], scale: [15] },
    ]);
    const standard = forecast(counting(20), { lookback: 3 }).data.inputScaling!;
    expect(standard.shift[0]).toBeCloseTo(7.5, 12);
    expect(forecast(counting(20).replaceAll(/,\d+/g, ',5'), { lookback: 3 }).data.inputScaling!.scale).toEqual([1]);
  });

  it('has naive and seasonal naive baselines in the units of the data', () => {
    const { baselines } = forecast(counting(40), { lookback: 3, season: 7 });
    expect(baselines).toMatchObject([
      // In the training part, the seasonal naive forecast is off by 7 too: MASE compares with that.
      {
        name: 'persistence',
        metrics: { 'validation.mse': 1, 'validation.mae': 1, 'validation.mase': expect.closeTo(1 / 7) },
      },
      { name: 'seasonal naive', metrics: { 'validation.mse': 49, 'validation.mae': 7, 'validation.mase': 1 } },
      { name: 'drift', metrics: { 'validation.mse': 0, 'validation.mae': 0, 'validation.smape': 0 } },
      { name: 'exponential smoothing', metrics: { 'validation.mae': expect.closeTo(0) } },
    ]);
  });

  it('has baselines on the test part, too', () => {
    const [persistence] = forecast(counting(40), { lookback: 3 }, { split: { validation: 0.2, test: 0.1 } }).baselines;
    expect(persistence!.metrics).toMatchObject({ 'validation.mae': 1, 'test.mae': 1, 'test.mse': 1 });
  });

  it('is the difference from the last value, or from that of a season before', () => {
    const answers = (task: object): number[] => [
      ...(
        forecast(counting(30), { lookback: 3, horizon: 3, normalise: 'none', ...task }).data.train.targets as {
          values: Float32Array;
        }
      ).values.subarray(0, 3),
    ];
    expect(answers({})).toEqual([3, 4, 5]);
    expect(answers({ reference: 'last' })).toEqual([1, 2, 3]);
    // Of a season of 2 rows, the third row ahead is two seasons after the last one that is known.
    expect(answers({ reference: 'season', season: 2 })).toEqual([2, 2, 4]);
  });

  it('sees the target as many rows before its last row as each lag says', () => {
    const { inputs, units } = forecast(counting(40), {
      ...{ lookback: 2, horizon: 3, lags: [3, 10], normalise: 'none' },
    }).data.train;
    const vectors = inputs as Vectors;
    // The first forecast is of row 9, since row 7 is the first whose row 3 ahead has one 10 rows before.
    expect(units![0]!.starts[0]).toBe(9);
    expect([...readVectors(vectors, 0)]).toEqual([7, 7, 0, 8, 8, 1]);
  });

  it('normalises each window by itself, and comes back to the unit of the data', () => {
    // Growing by a factor of 1,000: no scaling of the whole series shows the beginning and the end.
    const wave = (row: number): number => 10 ** (row / 20) * (5 + Math.sin(row));
    const content = `x\n${Array.from({ length: 60 }, (_, row) => wave(row)).join('\n')}`;
    for (const task of [{ reference: 'none' }, { reference: 'last' }, { reference: 'season', season: 6 }]) {
      const { data } = forecast(content, { lookback: 8, horizon: 2, normalise: 'window', ...task });
      for (const { inputs, targets, units, count } of [data.train, data.validation]) {
        const vectors = inputs as Vectors;
        const { values } = targets as Extract<typeof targets, { kind: 'numbers' }>;
        for (let index = 0; index < count; index++) {
          const window = [...readVectors(vectors, index)];
          expect(window.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 3);
          expect(window.reduce((sum, value) => sum + value ** 2, 0) / 8).toBeCloseTo(1, 1);
          const start = units![0]!.starts[index]!;
          const back = inUnits(units![0]!, index, values.subarray(2 * index, 2 * index + 2));
          expect(back[1]! / wave(start + 1)).toBeCloseTo(1, 4);
        }
      }
    }
  });

  it('of logarithms comes back to the unit of the data, and is refused where there are none', () => {
    const growing = (row: number): number => 3 * 1.1 ** row;
    const content = (change: (row: number) => number): string =>
      `x\n${Array.from({ length: 30 }, (_, row) => change(row)).join('\n')}`;
    const task = { lookback: 4, horizon: 2, transform: 'log', reference: 'last', normalise: 'none' };
    const { targets, units } = forecast(content(growing), task).data.validation;
    const { values } = targets as Extract<typeof targets, { kind: 'numbers' }>;
    expect([...values.subarray(0, 2)].map((value) => value / Math.log(1.1))).toEqual([
      expect.closeTo(1, 5),
      expect.closeTo(2, 5),
    ]);
    const start = units![0]!.starts[0]!;
    inUnits(units![0]!, 0, values.subarray(0, 2)).forEach((value, ahead) =>
      expect(value / growing(start + ahead)).toBeCloseTo(1, 6),
    );
    expect(() =>
      forecast(
        content((row) => 5 - row),
        task,
      ),
    ).toThrow('task.transform: x is 0 in row 6, which has no logarithm: leave it out');
  });

  it('of several series is split by time in each, and no window crosses from one into another', () => {
    const read = table(`x\n${Array.from({ length: 60 }, (_, row) => row).join('\n')}`);
    const spans = [
      { key: 'a', begin: 0, end: 40 },
      { key: 'b', begin: 40, end: 60 },
    ];
    const spec = trialSpec.parse({
      dataset: { name: 'a', split: { validation: 0.2 } },
      task: { kind: 'forecasting', lookback: 3, horizon: 2, normalise: 'none', reference: 'last' },
    });
    const task = spec.task as Parameters<typeof prepareForecast>[1];
    const { data } = prepareForecast({ ...read, spans }, task, spec.dataset);
    const starts = (part: typeof data.train): number[] => [...part.units![0]!.starts];
    // Of 40 rows the first 32 are learned from, and of 20 the first 16.
    expect(starts(data.train)).toEqual([...range(3, 30), ...range(43, 54)]);
    expect(starts(data.validation)).toEqual([...range(32, 38), ...range(56, 58)]);
    expect(() => prepareForecast({ ...read, spans }, { ...task, horizon: 20 }, spec.dataset)).toThrow(
      'the series b has 20 rows, too few for task.horizon: 20',
    );
  });

  it('is refused for a series that is too short and for a missing column', () => {
    expect(() => forecast(counting(10), { lookback: 9 })).toThrow(
      'the series has 10 rows, too few for a training window of lookback 9 and horizon 1',
    );
    expect(() => forecast(counting(30), { lookback: 3, target: 'X' })).toThrow(
      'task.target: there is no numeric column "X"; did you mean x?',
    );
  });
});

describe('missing values of a forecast', () => {
  const windows = (content: string, task: object, dataset: object) => {
    const { data, baselines } = forecast(content, { lookback: 3, normalise: 'none', ...task }, dataset);
    const { inputs, targets, count } = data.train;
    return {
      baselines,
      data,
      rows: Array.from({ length: count }, (_, index) => [...readVectors(inputs as Vectors, index)]),
      targets: [...(targets as { values: Float32Array }).values],
    };
  };
  // 0, -, 2, -, 4, ...
  const alternating = (rows: number): string =>
    `t,x\n${Array.from({ length: rows }, (_, row) => `${row},${row % 2 === 0 ? row : ''}`).join('\n')}`;

  it('are filled from what a window has seen, never from later, and are no targets', () => {
    const { rows, targets } = windows(alternating(20), {}, { missing: 'interpolate' });
    // A window before row 4 sees rows 1 to 3; row 3 is not yet known to lie between 2 and 4.
    expect(rows[0]).toEqual([1, 2, 2]);
    expect(targets).toEqual([4, 6, 8, 10, 12, 14]);
    expect(rows.every(([, , last], index) => last! < targets[index]!)).toBe(true);
    expect(windows(alternating(20), {}, { missing: 'previous' }).rows[0]).toEqual([0, 2, 2]);
  });

  it('of a longer horizon leave the rest of it to learn from', () => {
    const { targets } = windows(alternating(20), { horizon: 2 }, { missing: 'previous' });
    expect(targets.slice(0, 4)).toEqual([NaN, 4, 4, NaN]);
  });

  it('count neither for the baselines nor for the scaling', () => {
    const { baselines, data } = windows(alternating(40), { normalise: 'standard' }, { missing: 'previous' });
    expect(baselines[0]).toMatchObject({
      name: 'persistence',
      metrics: { 'validation.mse': 4, 'validation.mae': 2 },
    });
    // The mean of 0, 2, ... 30.
    expect(data.inputScaling!.shift[0]).toBeCloseTo(15, 12);
  });

  it('of one of several targets in a whole part are refused, since a metric is the mean over all', () => {
    const content = `t,a,b\n${Array.from({ length: 40 }, (_, row) => `${row},${row},${row < 30 ? row : ''}`).join('\n')}`;
    const both = { lookback: 3, target: ['a', 'b'] };
    expect(() => forecast(content, both, { missing: 'previous' })).toThrow(
      'no validation window has a value of b that is not missing: leave it out of task.target',
    );
    expect(forecast(content, { lookback: 3, target: 'a' }, { missing: 'previous' }).data.validation.count).toBe(8);
  });

  it('at the beginning leave windows out until every column has a value', () => {
    const content = `t,a,b\n${Array.from({ length: 20 }, (_, row) => `${row},${row},${row < 4 ? '' : row}`).join('\n')}`;
    const { data } = forecast(content, { lookback: 3, normalise: 'none' }, { missing: 'previous' });
    expect(data.train.count).toBe(16 - 7);
    for (let index = 0; index < data.train.count; index++)
      expect([...readVectors(data.train.inputs as Vectors, index)].some(Number.isNaN)).toBe(false);
  });

  it('of white noise leave nothing to gain: persistence has twice its variance', () => {
    let state = 1;
    const noise = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
    const content = `t,x\n${Array.from({ length: 4000 }, (_, row) => `${row},${row % 2 === 0 ? noise() : ''}`).join('\n')}`;
    const [persistence] = forecast(content, { lookback: 4 }, { missing: 'interpolate' }).baselines;
    expect(persistence!.metrics['validation.mse']).toBeCloseTo(2 / 12, 1);
  });
});

describe('the scale of MASE', () => {
  // Steps of 1 in the first third, of 2 in the second and of 5 in the last.
  const steps = (row: number): number => (row < 20 ? 1 : row < 40 ? 2 : 5);
  const content = `t,x\n${range(0, 59)
    .map((row) => `d${row},${(row % 2) * steps(row)}`)
    .join('\n')}`;

  it.each([0, 1, 2])('is of the rows before the part %d of three, or of those after the first', (index) => {
    const { data } = forecast(content, { lookback: 3 }, { fold: { kind: 'k-fold', of: 3, index } });
    const compared = [range(20, 59), range(0, 19), range(0, 39)][index]!.slice(1);
    const of = (row: number): number => Math.abs((row % 2) * steps(row) - ((row - 1) % 2) * steps(row - 1));
    const mean = compared.reduce((sum, row) => sum + of(row), 0) / compared.length;
    expect(data.validation.units![0]!.naive[0]).toBeCloseTo(mean, 12);
  });
});

describe('a forecast of several series', () => {
  const content = `key,t,x\n${['a', 'b'].flatMap((key, at) => Array.from({ length: 20 }, (_, row) => `${key},${row},${100 * at + row}`)).join('\n')}`;

  it('has windows of one series each, split by time in each', () => {
    const { data, baselines } = forecast(content, { lookback: 3, normalise: 'none' }, { series: 'key' });
    const { inputs, targets, count } = data.train;
    expect([count, data.validation.count]).toEqual([26, 8]);
    (targets as { values: Float32Array }).values.forEach((target, index) =>
      expect([...readVectors(inputs as Vectors, index)]).toEqual([target - 3, target - 2, target - 1]),
    );
    expect(baselines[0]!.metrics['validation.mse']).toBe(1);
  });

  it('may have one that is too short, but not all of them', () => {
    const short = `${content}\nc,0,5\nc,1,6`;
    expect(forecast(short, { lookback: 3 }, { series: 'key' }).data.train.count).toBe(26);
    expect(() => forecast(content, { lookback: 30 }, { series: 'key' })).toThrow(
      'the longest of 2 series has 20 rows, too few for a validation window of lookback 30 and horizon 1',
    );
  });
});
