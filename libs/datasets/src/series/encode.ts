import type { DataReading, TaskSpec } from '@unroll/contracts';
import { DatasetError, type Sequences } from '../prepared/data';
import { givenColumns, scaledColumns } from './forecasting';
import type { SeriesTable } from './table';

/** The last rows of a series, as the input of a forecast. @throws DatasetError for a missing column, or too few rows */
export function encodeSeries(
  read: SeriesTable,
  { lookback }: Extract<TaskSpec, { kind: 'forecasting' }>,
  reading: DataReading,
): { inputs: Sequences; places: string[] } {
  const table = givenColumns(read, reading);
  if (table.rows < lookback)
    throw new DatasetError(
      `the series has ${table.rows} rows, but a forecast needs ${lookback} (task.lookback): give more`,
    );
  const columns = scaledColumns(table, reading.inputScaling!).map((column) => column.subarray(table.rows - lookback));
  const width = columns.length;
  const values = new Float32Array(lookback * width);
  columns.forEach((column, index) => column.forEach((value, row) => (values[row * width + index] = value)));
  const inputs = { kind: 'vectors', offsets: Int32Array.of(0, lookback), width, values } as const;
  return { inputs, places: [`after row ${table.rows}`] };
}
