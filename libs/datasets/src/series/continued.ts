import type { DataReading } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { laterTime } from './clock';
import { historyOf, type Forecasting } from './panel';
import { rolesOf } from './roles';
import { decided } from './trend';
import type { SeriesTable } from './series-table';

/** Forecasts of series, [series][target][row]. */
export type Forecasts = readonly (readonly (readonly number[])[])[];

/** Whether a column has more than one value within a series. */
function changes({ names, columns, spans }: SeriesTable, name: string): boolean {
  const values = columns[names.indexOf(name)]!;
  return spans.some(({ begin, end }) => new Set(values.subarray(begin, end).filter((value) => value >= 0)).size > 1);
}

/** @throws DatasetError for a network that reads what is not known after the data, so that it cannot go on from its own forecast */
export function requireOwnPast(table: SeriesTable, { columns = [] }: DataReading, task: Forecasting): void {
  const { own, targets } = rolesOf(columns, task);
  const refuse = (unknown: string, without: string): never => {
    throw new DatasetError(
      `--horizon: the model reads ${unknown}, whose values after the data are not known; train it ${without} ` +
        `or with ${unknown} among task.known, or with a longer task.horizon`,
    );
  };
  const number = own.find((column) => !targets.includes(column) && !task.known.includes(columns[column]!));
  if (number !== undefined) refuse(columns[number]!, 'with task.inputs: []');
  // One that never changes, such as the kind of a store, stays what it is.
  const category = task.categories.find((name) => !task.known.includes(name) && changes(table, name));
  if (category !== undefined) refuse(category, 'without this category');
}

/** The series with forecasts in place of the rows after the last value of the targets. */
export function continued(
  table: SeriesTable,
  { columns = [] }: DataReading,
  task: Forecasting,
  forecasts: Forecasts,
): SeriesTable {
  const targets = rolesOf(columns, task).targets.map((target) => table.names.indexOf(columns[target]!));
  const truths = targets.map((target) => table.columns[target]!);
  const from: number[] = [];
  const values = targets.map((): number[] => []);
  const spans = table.spans.map(({ key, begin, end }, series) => {
    const first = from.length;
    let start = end;
    while (task.known.length > 0 && start > begin && truths.every((truth) => Number.isNaN(truth[start - 1])))
      start -= 1;
    const own = forecasts[series]!;
    const rows = Math.max(end - begin, start - begin + own[0]!.length);
    for (let row = 0; row < rows; row++) {
      const ahead = begin + row - start;
      from.push(begin + row < end ? begin + row : -1);
      values.forEach((each, place) =>
        each.push(ahead < 0 ? truths[place]![begin + row]! : (own[place]![ahead] ?? NaN)),
      );
    }
    return { key, begin: first, end: from.length };
  });
  const { clock } = table;
  const times = clock && new Float64Array(from.length);
  spans.forEach(({ begin, end }) => {
    for (let row = begin; times && row < end; row++)
      times[row] = from[row]! >= 0 ? clock.times[from[row]!]! : laterTime(clock, times[row - 1]!, 1);
  });
  return {
    ...table,
    ...{ spans, rows: from.length, clock: clock && { ...clock, times: times! } },
    columns: table.columns.map((column, index) => {
      const place = targets.indexOf(index);
      return place < 0
        ? Float64Array.from(from, (row) => (row < 0 ? NaN : column[row]!))
        : Float64Array.from(values[place]!);
    }),
  };
}

/** Several copies of one series. */
export interface Copies {
  series: number;
  copies: number;
}

/** Rows that are copied at most where a forecast needs fewer: enough for the scale of the series. */
const mostCopied = 5000;

/** The last rows of a series, as often as asked. */
export function copiesOf(
  table: SeriesTable,
  { series, copies }: Copies,
  reader: { task: Forecasting; reading: DataReading },
): SeriesTable {
  const { task, reading } = reader;
  const { key, begin, end } = table.spans[series]!;
  const first = Math.max(begin, end - Math.max(mostCopied, historyOf(decided(task, reading)) + task.horizon));
  const rows = end - first;
  const repeated = (values: Float64Array): Float64Array => {
    const own = values.subarray(first, end);
    const all = new Float64Array(copies * rows);
    for (let copy = 0; copy < copies; copy++) all.set(own, copy * rows);
    return all;
  };
  const { clock } = table;
  return {
    ...table,
    rows: copies * rows,
    columns: table.columns.map(repeated),
    spans: Array.from({ length: copies }, (_, copy) => ({ key, begin: copy * rows, end: (copy + 1) * rows })),
    clock: clock && { ...clock, times: repeated(clock.times) },
  };
}
