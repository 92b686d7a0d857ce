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
      'line 3: x has no value; fill it in, or set dataset.missing: drop, previous or interpolate',
    );
    expect(readColumns(gaps, 'drop')).toEqual([[1, 4]]);
    expect(readColumns(gaps, 'previous')).toEqual([[1, 1, 1, 4, 4]]);
    expect(readColumns(gaps, 'interpolate')).toEqual([[1, 2, 3, 4, 4]]);
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
