import type { DataReading } from '@unroll/contracts';
import type { EncodedInput } from '../readers/reader';
import { givenColumns, targetColumn, transformed } from './forecasting';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting } from './panel';
import type { SeriesTable } from './table';

/** The last rows of each series, as the input of a forecast. @throws DatasetError for a missing column, or too few rows */
export function encodeSeries(read: SeriesTable, task: Forecasting, reading: DataReading): EncodedInput {
  const original = givenColumns(read, reading);
  const target = targetColumn(original, task);
  const table = transformed(original, target, task);
  const { parts } = table;
  requireRows(table, historyOf(task), `a forecast, which needs ${historyOf(task)}: give more`);
  const ends = parts.map(({ end }) => end);
  const panel = toPanel({ table, truth: original.columns[target]! }, task, target, reading.inputScaling!, ends);
  const { inputs, units } = windowsAt(panel, Int32Array.from(ends), ends);
  return {
    inputs,
    units,
    places: parts.map(({ key, begin, end }) =>
      key === '' ? `after row ${end - begin}` : `${key}, after row ${end - begin}`,
    ),
  };
}
