import type { Baseline, DataReading } from '@unroll/contracts';
import { DatasetError, type Examples } from '../prepared/data';
import type { EncodedInput } from '../prepared/row-by-row';
import { forecastBaselines } from './baselines';
import { examplesAt, givenColumns, targetColumn, transformed } from './forecasting';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting, type Panel } from './panel';
import type { SeriesTable } from './series-table';

/** The columns of a trained network. @throws DatasetError for a missing one */
function readAs(read: SeriesTable, task: Forecasting, reading: DataReading) {
  const original = givenColumns(read, reading);
  const target = targetColumn(original, task);
  return { table: transformed(original, target, task), truth: original.columns[target]!, target };
}

const named = (key: string): string => (key === '' ? '' : ` ${key}`);

/** @throws DatasetError for a series whose forecast at `starts` would look back at values that are missing */
function requireSeen({ seen, table: { spans }, task }: Panel, starts: readonly number[]): void {
  const history = historyOf(task);
  spans.forEach(({ key }, series) => {
    if (seen[series]! + history > starts[series]!)
      throw new DatasetError(
        `the series${named(key)} has missing values in the first of the ${history} rows before its forecast, and none before them: give more rows`,
      );
  });
}

/**
 * The last rows of each series, as the input of a forecast. Missing values are filled from before.
 * @throws DatasetError for a missing column, or too few rows
 */
export function encodeSeries(read: SeriesTable, task: Forecasting, reading: DataReading): EncodedInput {
  const { table, truth, target } = readAs(read, task, reading);
  const { spans } = table;
  const history = historyOf(task);
  requireRows(table, history, `a forecast, which needs ${history}: give more`);
  const ends = spans.map(({ end }) => end);
  const panel = toPanel({ table, truth }, task, target, reading.inputScaling!, ends);
  requireSeen(panel, ends);
  const { inputs, units } = windowsAt(panel, Int32Array.from(ends), ends);
  return {
    inputs,
    units,
    places: spans.map(({ key, begin, end }) => (key === '' ? `after row ${end - begin}` : `after the rows of ${key}`)),
  };
}

/**
 * Forecasts of rows that are there, to be held against them: of the last `horizon` rows of each series and, with `stride`, from every so
 * many rows before them.
 * @throws DatasetError for a missing column, too few rows, or no target that is known
 */
export function scoreSeries(
  read: SeriesTable,
  task: Forecasting,
  reading: DataReading,
  stride?: number,
): { examples: Examples; baselines: Baseline[] } {
  const { table, truth, target } = readAs(read, task, reading);
  const history = historyOf(task);
  const least = history + task.horizon;
  requireRows(table, least, `a forecast of ${task.horizon} known rows, which needs ${least}: give more`);
  const last = table.spans.map(({ end }) => end - task.horizon);
  const panel = toPanel({ table, truth }, task, target, reading.inputScaling!, last);
  requireSeen(panel, last);
  const starts = last.map((end, series) => {
    const first = panel.seen[series]! + history;
    const count = stride === undefined ? 1 : Math.floor((end - first) / stride) + 1;
    return Array.from({ length: count }, (_, index) => end - (count - 1 - index) * (stride ?? 1));
  });
  const known = starts
    .flat()
    .filter((start) => truth.subarray(start, start + task.horizon).some((value) => !Number.isNaN(value)));
  if (known.length === 0) throw new DatasetError(`${table.names[target]} has no values to compare forecasts with`);
  const firsts = starts.map(([first]) => first!);
  const examples = examplesAt(panel, Int32Array.from(known), firsts);
  return { examples, baselines: forecastBaselines({ validation: examples }, table.spans, task) };
}
