import type { DataReading } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { laterTime } from './clock';
import type { Forecasting } from './panel';
import { rolesOf } from './roles';
import type { SeriesTable } from './series-table';

/** @throws DatasetError for a network that reads what is not known after the data, so that it cannot go on from its own forecast */
export function requireOwnPast({ columns = [] }: DataReading, task: Forecasting): void {
  const { own, target } = rolesOf(columns, task);
  const unknown = own.find((column) => column !== target && !task.known.includes(columns[column]!));
  if (unknown !== undefined)
    throw new DatasetError(
      `--horizon: the model reads ${columns[unknown]}, whose values after the data are not known; train it with task.inputs: [] ` +
        `or ${columns[unknown]} among task.known, or with a longer task.horizon`,
    );
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
