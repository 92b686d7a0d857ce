import type { TaskSpec } from '@unroll/contracts';
import { DatasetError, type ForecastUnits, type Scaling, type Sequences } from '../prepared/data';
import { requireRoom } from '../prepared/examples';
import type { SeriesPart, SeriesTable } from './table';

export type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/** A window that deviates less, in deviations of its series, is taken as constant, and has the scale of its series. */
const leastDeviation = 1e-3;

/** The series of a table as a network reads them. */
export interface Panel {
  /** With what is learned of the target in its place. */
  table: SeriesTable;
  /** The target in the unit of the data. */
  truth: Float64Array;
  /** The column that is forecast. */
  target: number;
  /** Numbers per row: the columns, then a lagged target for each of task.lags. */
  width: number;
  /** [row · width] */
  values: Float32Array;
  /** The scaling of the target in each part. */
  targets: readonly { shift: number; scale: number }[];
  task: Forecasting;
}

/** Rows before the first one that a series can forecast. */
export const historyOf = ({ lookback, horizon, lags, reference, season }: Forecasting): number =>
  Math.max(lookback + Math.max(0, ...lags.map((lag) => lag - horizon)), reference === 'season' ? season! : 0);

/** The mean and deviation of rows, 1 where they do not differ. */
function spreadOf(values: Float64Array): { shift: number; scale: number } {
  const shift = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - shift) ** 2, 0) / values.length;
  return { shift, scale: variance > 0 ? Math.sqrt(variance) : 1 };
}

/**
 * Scales the rows: by `scaling`, or with task.normalise: window, the target by the rows of its series up to `learned` of each part,
 * exclusive, which keeps the precision of what a window normalises by itself.
 */
export function toPanel(
  { table, truth }: Pick<Panel, 'table' | 'truth'>,
  task: Forecasting,
  target: number,
  scaling: Scaling,
  learned: readonly number[],
): Panel {
  const { columns, rows, parts } = table;
  const { lags, horizon, normalise } = task;
  const width = columns.length + lags.length;
  requireRoom(rows * width, 'reduce the number of rows or columns');
  const series = columns[target]!;
  const targets = parts.map(({ begin }, part) =>
    normalise === 'window'
      ? spreadOf(series.subarray(begin, learned[part]))
      : { shift: scaling.shift[target]!, scale: scaling.scale[target]! },
  );
  const values = new Float32Array(rows * width);
  parts.forEach(({ begin, end }, part) => {
    const own = targets[part]!;
    for (let row = begin; row < end; row++) {
      columns.forEach((column, index) => {
        const { shift, scale } =
          index === target ? own : { shift: scaling.shift[index]!, scale: scaling.scale[index]! };
        values[row * width + index] = (column[row]! - shift) / scale;
      });
      lags.forEach((lag, index) => {
        const from = row + horizon - lag;
        if (from >= begin) values[row * width + columns.length + index] = (series[from]! - own.shift) / own.scale;
      });
    }
  });
  return { table, truth, target, width, values, targets, task };
}

/** The mean absolute error of the seasonal naive forecast of a row ahead, within these rows; NaN where it has none. */
function naiveError(series: Float64Array, { begin, end }: Pick<SeriesPart, 'begin' | 'end'>, season: number): number {
  let sum = 0;
  for (let row = begin + season; row < end; row++) sum += Math.abs(series[row]! - series[row - season]!);
  return sum / Math.max(0, end - begin - season);
}

/** The part that each row belongs to. */
function partAt(parts: readonly SeriesPart[], row: number): number {
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (parts[middle]!.begin <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Windows of task.lookback rows before each of `starts`, in ascending order. `known`: the end of the rows of each part that MASE compares
 * with, exclusive.
 */
export function windowsAt(
  { table, truth, target, width, values, targets, task }: Panel,
  starts: Int32Array,
  known: readonly number[],
): { inputs: Sequences; units: ForecastUnits } {
  const { lookback, normalise, lags, reference, season = 1 } = task;
  const naive = table.parts.map(({ begin }, part) => naiveError(truth, { begin, end: known[part]! }, season));
  const isOwn = normalise === 'window';
  const [shift, scale] = [new Float32Array(starts.length), new Float32Array(starts.length).fill(1)];
  const units: ForecastUnits = {
    ...{ truth, learned: table.columns[target]!, isLogarithmic: task.transform === 'log' },
    ...{ starts, reference, season },
    shift: new Float64Array(starts.length),
    scale: new Float64Array(starts.length),
    naive: new Float64Array(starts.length),
  };
  starts.forEach((start, index) => {
    const part = partAt(table.parts, start - 1);
    const base = targets[part]!;
    if (isOwn) {
      const seen = Float64Array.from(
        { length: lookback },
        (_, step) => values[(start - lookback + step) * width + target]!,
      );
      const mean = seen.reduce((sum, value) => sum + value, 0) / lookback;
      const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / lookback;
      [shift[index], scale[index]] = [mean, variance > leastDeviation ** 2 ? Math.sqrt(variance) : 1];
    }
    units.shift[index] = base.shift + base.scale * shift[index]!;
    units.scale[index] = base.scale * scale[index]!;
    units.naive[index] = naive[part]!;
  });
  const offsets = Int32Array.from({ length: starts.length + 1 }, (_, index) => index * lookback);
  const columns = isOwn ? [target, ...lags.map((_, index) => table.columns.length + index)] : [];
  const windows = { begins: starts.map((start) => start - lookback), columns, shift, scale };
  return { inputs: { kind: 'vectors', offsets, width, values, windows }, units };
}

/** @throws DatasetError that names the shortest series */
export function requireRows({ parts }: SeriesTable, least: number, what: string): void {
  const shortest = parts.reduce((a, b) => (b.end - b.begin < a.end - a.begin ? b : a));
  const rows = shortest.end - shortest.begin;
  if (rows < least)
    throw new DatasetError(
      `the series ${shortest.key === '' ? '' : `${JSON.stringify(shortest.key)} `}has ${rows} rows, too few for ${what}`,
    );
}
