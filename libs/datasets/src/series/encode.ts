import type { DataReading } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import type { EncodedInput } from '../prepared/row-by-row';
import { givenColumns, targetColumn, transformed } from './forecasting';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting } from './panel';
import type { SeriesTable } from './series-table';

/**
 * The last rows of each series, as the input of a forecast. Missing values are filled from before.
 * @throws DatasetError for a missing column, or too few rows
 */
export function encodeSeries(read: SeriesTable, task: Forecasting, reading: DataReading): EncodedInput {
  const original = givenColumns(read, reading);
  const target = targetColumn(original, task);
  const table = transformed(original, target, task);
  const { spans } = table;
  const history = historyOf(task);
  requireRows(table, history, `a forecast, which needs ${history}: give more`);
  const ends = spans.map(({ end }) => end);
  const panel = toPanel({ table, truth: original.columns[target]! }, task, target, reading.inputScaling!, ends);
  spans.forEach(({ key, end }, series) => {
    if (panel.seen[series]! + history > end)
      throw new DatasetError(
        `the series${key === '' ? '' : ` ${key}`} has missing values in the first of the last ${history} rows, and none before them: give more rows`,
      );
  });
  const { inputs, units } = windowsAt(panel, Int32Array.from(ends), ends);
  return {
    inputs,
    units,
    places: spans.map(({ key, begin, end }) => (key === '' ? `after row ${end - begin}` : `after the rows of ${key}`)),
  };
}
