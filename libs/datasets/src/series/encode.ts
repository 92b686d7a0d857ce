import type { DataReading, TaskSpec } from '@unroll/contracts';
import { DatasetError, type Sequences } from '../prepared/data';
import { filledColumn, valueAt } from './filled';
import { givenColumns, scaledColumns } from './forecasting';
import type { SeriesTable } from './series-table';

/**
 * The last rows of each series, as the input of a forecast. Missing values are filled from before.
 * @throws DatasetError for a missing column, or too few rows
 */
export function encodeSeries(
  read: SeriesTable,
  { lookback }: Extract<TaskSpec, { kind: 'forecasting' }>,
  reading: DataReading,
): { inputs: Sequences; places: string[] } {
  const table = givenColumns(read, reading);
  const columns = scaledColumns(table, reading.inputScaling!).map((column) => filledColumn(column, table));
  const width = columns.length;
  const values = new Float32Array(table.spans.length * lookback * width);
  table.spans.forEach(({ key, begin, end }, index) => {
    const named = key === '' ? 'the series' : `the series ${key}`;
    if (end - begin < lookback)
      throw new DatasetError(
        `${named} has ${end - begin} rows, but a forecast needs ${lookback} (task.lookback): give more`,
      );
    for (let step = 0; step < lookback; step++)
      columns.forEach((column, place) => {
        const value = valueAt(column, end - lookback + step, end, table.fill);
        if (Number.isNaN(value))
          throw new DatasetError(
            `${named} has no value of ${table.names[place]} before the rows of a forecast: give more rows`,
          );
        values[(index * lookback + step) * width + place] = value;
      });
  });
  const offsets = Int32Array.from({ length: table.spans.length + 1 }, (_, index) => index * lookback);
  const places = table.spans.map(({ key, begin, end }) =>
    key === '' ? `after row ${end - begin}` : `after the rows of ${key}`,
  );
  return { inputs: { kind: 'vectors', offsets, width, values }, places };
}
