import type { SeriesTable } from './series-table';

/** The values of a column as a forecast may see them. */
export interface FilledColumn {
  values: Float32Array | Float64Array;
  /** For each row the last one of its series, up to itself, that has a value; −1 for none. */
  before: Int32Array;
  /** For each row the first one of its series, from itself on, that has a value; −1 for none. */
  after: Int32Array;
}

/** Where the values of a column are, series by series. */
export function filledColumn(values: Float32Array | Float64Array, { spans }: Pick<SeriesTable, 'spans'>): FilledColumn {
  const [before, after] = [new Int32Array(values.length).fill(-1), new Int32Array(values.length).fill(-1)];
  for (const { begin, end } of spans) {
    for (let row = begin, last = -1; row < end; row++) before[row] = last = Number.isNaN(values[row]) ? last : row;
    for (let row = end - 1, next = -1; row >= begin; row--) after[row] = next = Number.isNaN(values[row]) ? next : row;
  }
  return { values, before, after };
}

/**
 * The value of a row for a forecast that starts at row `start` and sees nothing from there on: where it is missing, the one before it, or
 * between it and the next that the forecast sees. NaN where the series has none before.
 */
export function valueAt(
  { values, before, after }: FilledColumn,
  row: number,
  start: number,
  fill: SeriesTable['fill'],
): number {
  const last = before[row]!;
  if (last === row) return values[row]!;
  if (last < 0) return NaN;
  const next = after[row]!;
  if (fill !== 'interpolate' || next < 0 || next >= start) return values[last]!;
  return values[last]! + ((values[next]! - values[last]!) * (row - last)) / (next - last);
}

/** The first row of each series from which on every column has a value before it. */
export function firstSeen(columns: readonly FilledColumn[], { spans }: Pick<SeriesTable, 'spans'>): number[] {
  return spans.map(({ begin, end }) =>
    columns.reduce(
      (first, { after }) => (begin < end && after[begin]! >= 0 ? Math.max(first, after[begin]!) : end),
      begin,
    ),
  );
}
