import type { Baseline, DataReading } from '@unroll/contracts';
import { DatasetError, type Examples } from '../prepared/data';
import type { EncodedInput } from '../prepared/row-by-row';
import { forecastBaselines } from './baselines';
import { requireDates, requireStep, type CalendarPart } from './calendar';
import { examplesAt, givenColumns, isKnown, transformed } from './forecasting';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting, type Panel } from './panel';
import { rolesOf } from './roles';
import { decided } from './trend';
import type { Span } from '../prepared/rows';
import type { SeriesTable } from './series-table';

/** The columns of a trained network, and its task as it was decided. @throws DatasetError for a missing one */
function readAs(read: SeriesTable, asked: Forecasting, reading: DataReading) {
  const task = decided(asked, reading);
  const original = givenColumns(read, reading);
  const { targets } = rolesOf(original.names, task);
  const table = transformed(original, targets, task);
  const truths = targets.map((target) => original.columns[target]!);
  const calendar = (reading.calendar ?? []) as CalendarPart[];
  requireDates(calendar, table.clock);
  return { table, truths, targets, calendar, task };
}

/** The rows of each series before one of its rows. */
const before = (spans: readonly Span[], ends: readonly number[]): Span[][] =>
  spans.map((span, series) => [{ ...span, end: ends[series]! }]);

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

/** The row after the last value of the targets of each series. @throws DatasetError where what is known does not reach far enough */
function futureStarts({ table, truths }: Pick<Panel, 'table' | 'truths'>, task: Forecasting): number[] {
  const { horizon, known } = task;
  return table.spans.map(({ key, begin, end }) => {
    let start = end;
    while (start > begin && truths.every((truth) => Number.isNaN(truth[start - 1]))) start -= 1;
    const missing = known.find((name) => {
      const values = table.columns[table.names.indexOf(name)]!;
      return end - start < horizon || values.subarray(start, start + horizon).some(Number.isNaN);
    });
    if (missing !== undefined)
      throw new DatasetError(
        `the series${named(key)} ends ${end - start} rows after its last value to forecast from; add rows with ${missing} for all ` +
          `${horizon} rows of the forecast, and an empty target`,
      );
    return start;
  });
}

/**
 * The last rows of each series, as the input of a forecast; with task.known, the rows before the future, whose target is empty. Missing
 * values are filled from before.
 * @throws DatasetError for a missing column, or too few rows
 */
export function encodeSeries(read: SeriesTable, asked: Forecasting, reading: DataReading): EncodedInput {
  const { table, truths, calendar, task } = readAs(read, asked, reading);
  requireStep(calendar, table.clock, task);
  const { spans } = table;
  const history = historyOf(task);
  const starts = task.known.length > 0 ? futureStarts({ table, truths }, task) : spans.map(({ end }) => end);
  requireRows(
    { ...table, spans: before(spans, starts).flat() },
    history,
    `a forecast, which needs ${history}: give more`,
  );
  const panel = toPanel({ table, truths, calendar }, task, reading.inputScaling!, before(spans, starts));
  requireSeen(panel, starts);
  const { inputs, units } = windowsAt(panel, Int32Array.from(starts), before(spans, starts).flat());
  return {
    inputs,
    units,
    places: spans.map(({ key, begin }, series) =>
      key === '' ? `after row ${starts[series]! - begin}` : `after the rows of ${key}`,
    ),
  };
}

/**
 * Forecasts of rows that are there, to be held against them: of the last `horizon` rows of each series and, with `stride`, from every so
 * many rows before them.
 * @throws DatasetError for a missing column, too few rows, or no target that is known
 */
export function scoreSeries(
  read: SeriesTable,
  asked: Forecasting,
  reading: DataReading,
  stride?: number,
): { examples: Examples; baselines: Baseline[] } {
  const { table, truths, targets, calendar, task } = readAs(read, asked, reading);
  const history = historyOf(task);
  const least = history + task.horizon;
  requireRows(table, least, `a forecast of ${task.horizon} known rows, which needs ${least}: give more`);
  const last = table.spans.map(({ end }) => end - task.horizon);
  const panel = toPanel({ table, truths, calendar }, task, reading.inputScaling!, before(table.spans, last));
  requireSeen(panel, last);
  const starts = last.map((end, series) => {
    const first = panel.seen[series]! + history;
    const count = stride === undefined ? 1 : Math.floor((end - first) / stride) + 1;
    return Array.from({ length: count }, (_, index) => end - (count - 1 - index) * (stride ?? 1));
  });
  const known = starts.flat().filter((start) => isKnown(truths, start, task.horizon));
  if (known.length === 0)
    throw new DatasetError(
      `${targets.map((target) => table.names[target]).join(', ')} has no values to compare forecasts with`,
    );
  const firsts = starts.map(([first]) => first!);
  const examples = examplesAt(panel, Int32Array.from(known), before(table.spans, firsts).flat());
  return {
    examples,
    baselines: forecastBaselines({ validation: examples }, { spans: table.spans, ends: firsts }, task),
  };
}
