import { recogniseDates } from '../columns/dates';
import { columnName } from '../columns/named';
import { isNumeric } from '../columns/numbers';
import { DatasetError } from '../prepared/data';
import { isDatePart } from './calendar-parts';
import type { Cells, RowTimes } from './cells';
import { keyName } from './long-form';

/**
 * Columns that may name several series in a file that is read as one: each value in one block of rows, at whose beginning the times start
 * again, if there are any.
 */
export function unreadSeries({ header, rows, known }: Cells, times: RowTimes | undefined): string[] {
  return header.flatMap((name, column) => {
    if ((times?.columns.includes(column) ?? false) || isDatePart(name)) return [];
    const valueAt = (row: number): string => rows[row]!.cells[column]!;
    const begins = rows.flatMap((_, row) => (row > 0 && valueAt(row) !== valueAt(row - 1) ? [row] : []));
    if (begins.length === 0 || 3 * (begins.length + 1) > rows.length) return [];
    if ((known[column] || isNumeric(valueAt(0))) && !keyName.test(name)) return [];
    const values = new Set([0, ...begins].map(valueAt));
    if (values.size !== begins.length + 1 || values.has('')) return [];
    if (times && !begins.every((row) => restarts(times.values, row))) return [];
    return [
      `${columnName(header, column)} has each of its ${values.size} values in one block of rows: ` +
        `if it names several series, set dataset.series: ${columnName(header, column)}`,
    ];
  });
}

/** Whether the times go the other way at a row than they do after it. */
const restarts = (times: Float64Array, row: number): boolean =>
  Math.sign(times[row]! - times[row - 1]!) * Math.sign(times[row + 1]! - times[row]!) < 0;

const advice = 'write one row per time step: time,value, or time,series,value for several series';

/**
 * @throws DatasetError for rows that are whole series, as GluonTS has them in JSON lines: a list in each, and no numbers but in columns
 * that are named for `keys`
 */
export function requireSteps({ header, rows }: Pick<Cells, 'header' | 'rows'>, keys: readonly string[]): void {
  const hasNumber = (column: number): boolean => rows.some(({ cells }) => isNumeric(cells[column]!));
  if (header.some((name, column) => !keys.includes(name) && hasNumber(column))) return;
  const column = header.findIndex((_, each) => rows.every(({ cells }) => /^\[[^[\]]*,[^[\]]*\]$/.test(cells[each]!)));
  if (column >= 0) throw new DatasetError(`${columnName(header, column)} has a list in each row: ${advice}`);
}

const leastColumns = 3;

/**
 * Columns that are the times of series in rows.
 * @throws DatasetError where they are named by dates and the rows have no times
 */
export function wideTimes({ header, rows, known }: Cells, times: RowTimes | undefined): string[] {
  const numeric = header.filter((_, column) => known[column] || rows.some(({ cells }) => isNumeric(cells[column]!)));
  const dated = numeric.filter((name) => /\d{4}/.test(name) && isDate(name));
  if (!times && dated.length >= leastColumns && 2 * dated.length > numeric.length)
    throw new DatasetError(`the columns are named by times, such as ${dated[0]}: ${advice}`);
  const months = numeric.filter((name) => /^\p{L}{3,}\.?$/u.test(name) && isDate(`1 ${name} 2000`));
  if (months.length === 12) return [`the columns ${months[0]} to ${months.at(-1)} are read as 12 series: ${advice}`];
  if (!times && numbered(numeric).length > 9 && namesRows({ header, rows }))
    return [`the columns ${numeric.slice(0, 3).join(', ')}, ... may be times of series in rows: ${advice}`];
  return [];
}

const isDate = (name: string): boolean => /^(1[789]|20|21)\d\d$/.test(name) || recogniseDates([name]) !== undefined;

/** V2, V3, V4: names that end in numbers that count. */
const numbered = (names: readonly string[]): string[] =>
  names.filter(
    (name, at) => at === 0 || Number(/\d+$/.exec(name)?.[0]) === Number(/\d+$/.exec(names[at - 1]!)?.[0]) + 1,
  );

/** Whether the first column has another name in each row. */
const namesRows = ({ rows }: Pick<Cells, 'header' | 'rows'>): boolean =>
  rows.every(({ cells }) => !isNumeric(cells[0]!)) && new Set(rows.map(({ cells }) => cells[0])).size === rows.length;
