import { suggestion, type Baseline, type DataReading, type DatasetSpec, type TaskSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling } from '../prepared/data';
import { requireRoom } from '../prepared/examples';
import { standardScaling } from '../prepared/scaling';
import { splitByTime, type Stretch } from '../prepared/split';
import type { SeriesTable } from './table';

type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/**
 * Windows of `lookback` rows with the `horizon` target values after them. The forecast lies within its part; the rows looked back at
 * may precede it. Scaled by the training rows only. The baselines' errors are in the units of the series.
 * @throws DatasetError for a series that is too short, an unknown column, or too many values
 */
export function prepareForecast(
  read: SeriesTable,
  task: Forecasting,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[] } {
  const { lookback, horizon } = task;
  const table = given ? givenColumns(read, given) : read;
  const target = targetColumn(table, task);
  const { train, validation, test } = splitByTime(table.rows, dataset);
  const learned = table.columns.map((column) => train.flatMap(({ begin, end }) => [...column.subarray(begin, end)]));
  const inputScaling = given?.inputScaling ?? fitScaling(learned, task.normalise);
  const scaled = scaledColumns(table, inputScaling);
  const windows = (part: readonly Stretch[], what: string, within: boolean): Int32Array => {
    const starts = part.flatMap(({ begin, end }) => {
      const first = within ? begin + lookback : Math.max(begin, lookback);
      return Array.from({ length: Math.max(0, end - horizon - first + 1) }, (_, index) => first + index);
    });
    if (starts.length === 0)
      throw new DatasetError(
        `the series has ${table.rows} rows, too few for a ${what} window of lookback ${lookback} and horizon ${horizon}`,
      );
    requireRoom(
      starts.length * lookback * table.columns.length,
      'reduce task.lookback, or the number of rows or columns',
    );
    return Int32Array.from(starts);
  };
  const held = windows([validation], 'validation', false);
  const examples = (starts: Int32Array): Examples => examplesAt(scaled, scaled[target]!, starts, task);
  const data: ExampleData = {
    kind: 'examples',
    columns: table.names,
    inputScaling,
    targetScaling: { shift: [inputScaling.shift[target]!], scale: [inputScaling.scale[target]!] },
    train: examples(windows(train, 'training', true)),
    validation: examples(held),
    test: test && examples(windows([test], 'test', false)),
  };
  return { data, baselines: forecastBaselines(table.columns[target]!, held, task) };
}

/** The columns of a trained network, in its order. @throws DatasetError for a missing one */
export function givenColumns(table: SeriesTable, { columns = [] }: DataReading): SeriesTable {
  const indices = columns.map((name) => {
    const index = table.names.indexOf(name);
    if (index < 0)
      throw new DatasetError(
        `the model reads the column ${JSON.stringify(name)}, which is missing or not numeric here` +
          suggestion(name, table.names),
      );
    return index;
  });
  return { names: [...columns], columns: indices.map((index) => table.columns[index]!), rows: table.rows };
}

/** The normalised columns. */
export const scaledColumns = ({ columns }: SeriesTable, { shift, scale }: Scaling): Float32Array[] =>
  columns.map((column, index) => Float32Array.from(column, (value) => (value - shift[index]!) / scale[index]!));

function targetColumn({ names }: SeriesTable, { target }: Forecasting): number {
  if (target === undefined) return names.length - 1;
  const index = names.indexOf(target);
  if (index < 0)
    throw new DatasetError(
      `task.target: there is no numeric column ${JSON.stringify(target)}${suggestion(target, names)}`,
    );
  return index;
}

function fitScaling(columns: readonly (readonly number[])[], how: Forecasting['normalise']): Scaling {
  if (how === 'standard') return standardScaling(columns);
  if (how === 'none') return { shift: columns.map(() => 0), scale: columns.map(() => 1) };
  const ends = columns.map((values) =>
    values.reduce<[number, number]>(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]),
  );
  return {
    shift: ends.map(([least]) => least),
    scale: ends.map(([least, most]) => (most > least ? most - least : 1)),
  };
}

function examplesAt(
  columns: readonly Float32Array[],
  target: Float32Array,
  starts: Int32Array,
  { lookback, horizon }: Forecasting,
): Examples {
  const width = columns.length;
  const values = new Float32Array(starts.length * lookback * width);
  const answers = new Float32Array(starts.length * horizon);
  starts.forEach((start, index) => {
    for (let step = 0; step < lookback; step++)
      for (let column = 0; column < width; column++)
        values[(index * lookback + step) * width + column] = columns[column]![start - lookback + step]!;
    answers.set(target.subarray(start, start + horizon), index * horizon);
  });
  const offsets = Int32Array.from({ length: starts.length + 1 }, (_, index) => index * lookback);
  return {
    count: starts.length,
    inputs: { kind: 'vectors', offsets, width, values },
    targets: { kind: 'numbers', width: horizon, values: answers },
  };
}

/** The naive and, with `season`, the seasonal naive forecast (Hyndman & Athanasopoulos 2021, section 5.2). */
function forecastBaselines(series: Float64Array, starts: Int32Array, { horizon, season }: Forecasting): Baseline[] {
  const baseline = (name: string, guess: (start: number, ahead: number) => number): Baseline => {
    let [squares, sizes] = [0, 0];
    for (const start of starts)
      for (let ahead = 0; ahead < horizon; ahead++) {
        const error = series[start + ahead]! - guess(start, ahead);
        squares += error ** 2;
        sizes += Math.abs(error);
      }
    const count = starts.length * horizon;
    return { name, metrics: { 'validation.mse': squares / count, 'validation.mae': sizes / count } };
  };
  const persistence = baseline('persistence', (start) => series[start - 1]!);
  if (season === undefined) return [persistence];
  const seasonsBack = (ahead: number): number => season * (Math.floor(ahead / season) + 1);
  if (starts[0]! < season) return [persistence];
  return [persistence, baseline('seasonal naive', (start, ahead) => series[start + ahead - seasonsBack(ahead)]!)];
}
