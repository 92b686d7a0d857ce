import type { DataReading } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { laterTime } from './clock';
import type { Forecasting } from './panel';
import { rolesOf } from './roles';
import type { SeriesTable } from './series-table';

/** Whether a column has more than one value within a series. */
function changes({ names, columns, spans }: SeriesTable, name: string): boolean {
  const values = columns[names.indexOf(name)]!;
  return spans.some(({ begin, end }) => new Set(values.subarray(begin, end).filter((value) => value >= 0)).size > 1);
}

/** @throws DatasetError for a network that reads what is not known after the data, so that it cannot go on from its own forecast */
export function requireOwnPast(table: SeriesTable, { columns = [] }: DataReading, task: Forecasting): void {
  const { own, target } = rolesOf(columns, task);
  const refuse = (unknown: string, without: string): never => {
    throw new DatasetError(
      `--horizon: the model reads ${unknown}, whose values after the data are not known; train it ${without} ` +
        `or with ${unknown} among task.known, or with a longer task.horizon`,
    );
  };
  const number = own.find((column) => column !== target && !task.known.includes(columns[column]!));
  if (number !== undefined) refuse(columns[number]!, 'with task.inputs: []');
  // One that never changes, such as the kind of a store, stays what it is.
  const category = task.categories.find((name) => !task.known.includes(name) && changes(table, name));
  if (category !== undefined) refuse(category, 'without this category');
}

/** The series with forecasts in place of the rows after the last value of the target, [series][row]. */
export function continued(
  table: SeriesTable,
  { columns = [] }: DataReading,
  task: Forecasting,
  forecasts: readonly (readonly number[])[],
): SeriesTable {
  const target = table.names.indexOf(columns[rolesOf(columns, task).target]!);
  const truth = table.columns[target]!;
  const from: number[] = [];
  const values: number[] = [];
  const spans = table.spans.map(({ key, begin, end }, series) => {
    const first = from.length;
    let start = end;
    while (task.known.length > 0 && start > begin && Number.isNaN(truth[start - 1]!)) start -= 1;
    const own = forecasts[series]!;
    const rows = Math.max(end - begin, start - begin + own.length);
    for (let row = 0; row < rows; row++) {
      const ahead = begin + row - start;
      from.push(begin + row < end ? begin + row : -1);
      values.push(ahead < 0 ? truth[begin + row]! : (own[ahead] ?? NaN));
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
    columns: table.columns.map((column, index) =>
      index === target ? Float64Array.from(values) : Float64Array.from(from, (row) => (row < 0 ? NaN : column[row]!)),
    ),
  };
}
