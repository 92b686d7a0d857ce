import { trialSpec, type DatasetSpec } from '@unroll/contracts';
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
    expect([...(inputs as { values: Float32Array }).values.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect([...(targets as { values: Float32Array }).values.subarray(0, 2)]).toEqual([3, 4]);
    expect([...(targets as { values: Float32Array }).values.slice(-2)]).toEqual([14, 15]);
    // Held-out windows may look back into training rows, but forecast only rows from 16 on.
    expect([...(data.validation.inputs as { values: Float32Array }).values.subarray(0, 3)]).toEqual([13, 14, 15]);
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
    expect(baselines).toEqual([
      { name: 'persistence', metrics: { 'validation.mse': 1, 'validation.mae': 1 } },
      { name: 'seasonal naive', metrics: { 'validation.mse': 49, 'validation.mae': 7 } },
    ]);
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
    const lookedAt = (inputs as { values: Float32Array }).values;
    return {
      baselines,
      data,
      rows: Array.from({ length: count }, (_, index) => [...lookedAt.subarray(3 * index, 3 * index + 3)]),
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
    expect(baselines).toEqual([{ name: 'persistence', metrics: { 'validation.mse': 4, 'validation.mae': 2 } }]);
    // The mean of 0, 2, ... 30.
    expect(data.inputScaling!.shift[0]).toBeCloseTo(15, 12);
  });

  it('at the beginning leave windows out until every column has a value', () => {
    const content = `t,a,b\n${Array.from({ length: 20 }, (_, row) => `${row},${row},${row < 4 ? '' : row}`).join('\n')}`;
    const { data } = forecast(content, { lookback: 3, normalise: 'none' }, { missing: 'previous' });
    expect(data.train.count).toBe(16 - 7);
    expect([...(data.train.inputs as { values: Float32Array }).values].some(Number.isNaN)).toBe(false);
  });

  it('of white noise leave nothing to gain: persistence has twice its variance', () => {
    let state = 1;
    const noise = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
    const content = `t,x\n${Array.from({ length: 4000 }, (_, row) => `${row},${row % 2 === 0 ? noise() : ''}`).join('\n')}`;
    const [persistence] = forecast(content, { lookback: 4 }, { missing: 'interpolate' }).baselines;
    expect(persistence!.metrics['validation.mse']).toBeCloseTo(2 / 12, 1);
  });
});

describe('a forecast of several series', () => {
  const content = `key,t,x\n${['a', 'b'].flatMap((key, at) => Array.from({ length: 20 }, (_, row) => `${key},${row},${100 * at + row}`)).join('\n')}`;

  it('has windows of one series each, split by time in each', () => {
    const { data, baselines } = forecast(content, { lookback: 3, normalise: 'none' }, { series: 'key' });
    const { inputs, targets, count } = data.train;
    expect([count, data.validation.count]).toEqual([26, 8]);
    const values = (inputs as { values: Float32Array }).values;
    (targets as { values: Float32Array }).values.forEach((target, index) =>
      expect([...values.subarray(3 * index, 3 * index + 3)]).toEqual([target - 3, target - 2, target - 1]),
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
