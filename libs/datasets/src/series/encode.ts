import type { DataReading } from '@unroll/contracts';
import type { EncodedInput } from '../readers/reader';
import { givenColumns, targetColumn } from './forecasting';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting } from './panel';
import type { SeriesTable } from './table';

/** The last rows of each series, as the input of a forecast. @throws DatasetError for a missing column, or too few rows */
export function encodeSeries(read: SeriesTable, task: Forecasting, reading: DataReading): EncodedInput {
  const table = givenColumns(read, reading);
  const { parts } = table;
  requireRows(table, historyOf(task), `a forecast, which needs ${historyOf(task)}: give more`);
  const ends = parts.map(({ end }) => end);
  const panel = toPanel(table, task, targetColumn(table, task), reading.inputScaling!, ends);
  const { inputs, units } = windowsAt(panel, Int32Array.from(ends), ends);
  return {
    inputs,
    units,
    places: parts.map(({ key, begin, end }) =>
      key === '' ? `after row ${end - begin}` : `${key}, after row ${end - begin}`,
    ),
  };
}
