import type { DatasetSpec } from '@unroll/contracts';
import { clockReader, readerFor, recogniseDates, type TimeReader } from '../columns/dates';
import { countName, countsUp, recogniseDigits, stampName, timeName } from '../columns/digit-times';
import { columnName, columnNamed } from '../columns/named';
import { isNumeric } from '../columns/numbers';
import { DatasetError } from '../prepared/data';
import { calendarParts } from './calendar-parts';
import { numberIn, type Cells, type RowTimes } from './cells';

const cellsOf = ({ rows }: Cells, column: number): string[] => rows.map(({ cells }) => cells[column]!);

/**
 * The time of each row, as asked for or as recognised; undefined where no column has times. `known`: see recogniseDates.
 * @throws DatasetError
 */
export function findTimes(cells: Cells, wanted: DatasetSpec['time'], known?: string): RowTimes | undefined {
  if (wanted) return wantedTimes(cells, wanted, known);
  return datedColumn(cells, known) ?? calendarParts(cells) ?? digitColumn(cells) ?? countingColumn(cells);
}

function wantedTimes(
  cells: Cells,
  { column: name, format }: NonNullable<DatasetSpec['time']>,
  known?: string,
): RowTimes {
  const column = columnNamed(cells.header, name, 'dataset.time.column');
  const isDuration = cells.durations[column] !== undefined;
  if (format === 'number' || (format === undefined && isDuration)) return numbers(cells, column);
  if (format !== undefined) return readColumn(cells, column, { format, read: readerFor(format) });
  const there = cellsOf(cells, column).filter((cell) => !cells.isMissing(cell));
  const found = recogniseDates(there, known) ?? recogniseDigits(there, { name: 'time', isFirst: true });
  if (found) return withClock(cells, readRecognised(cells, column, found));
  const isEmpty = (row: number): boolean => cells.isMissing(cells.rows[row]!.cells[column]!);
  const areNumbers = [...cells.rows.keys()].every((row) => isEmpty(row) || !Number.isNaN(numberIn(cells, column, row)));
  if (there.length > 0 && areNumbers) return numbers(cells, column);
  throw new DatasetError(
    `dataset.time.column: ${name} has no times that are recognised, such as ${JSON.stringify(there[0] ?? '')}; ` +
      'name another column, or set dataset.time.format',
    'dataset.time',
  );
}

function numbers(cells: Cells, column: number): RowTimes {
  const values = Float64Array.from(cells.rows, (_, row) => numberIn(cells, column, row));
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw noTime(cells, column, wrong, cells.durations[column] ? 'duration' : 'number');
  return { columns: [column], kind: 'numbers', values, hasOffset: true, description: columnName(cells.header, column) };
}

const noTime = ({ header, rows }: Cells, column: number, row: number, format: string): DatasetError =>
  new DatasetError(
    `${rows[row]!.place}: ${columnName(header, column)} is ${JSON.stringify(rows[row]!.cells[column])}, ` +
      `which is no time (${format}) as in other rows; correct it, or set dataset.time`,
    'dataset.time',
  );

/** @throws DatasetError, with the line, for a cell without a time */
function readColumn(cells: Cells, column: number, { format, read }: { format: string; read: TimeReader }): RowTimes {
  const times = cellsOf(cells, column).map((cell) => read(cell));
  const wrong = times.findIndex(({ wall }) => Number.isNaN(wall));
  if (wrong >= 0) throw noTime(cells, column, wrong, format);
  const hasOffset = times[0]?.hasOffset ?? false;
  const other = times.findIndex((time) => time.hasOffset !== hasOffset);
  if (other >= 0) throw noTime(cells, column, other, `${format} with${hasOffset ? '' : 'out'} an offset from UTC`);
  // The same time of every day: these are dates, whose offset only follows summer time.
  const walls = Float64Array.from(times, ({ wall, east }) => wall + (east ?? 0));
  const isDaily = hasOffset && walls.length > 1 && walls.every((wall) => (wall - walls[0]!) % 86_400_000 === 0);
  return {
    columns: [column],
    kind: 'dates',
    values: isDaily ? walls : Float64Array.from(times, ({ wall }) => wall),
    hasOffset: hasOffset && !isDaily,
    format,
    description: `${columnName(cells.header, column)} (${format})`,
  };
}

/** @throws DatasetError for dates that may be read in two ways */
function readRecognised(cells: Cells, column: number, found: NonNullable<ReturnType<typeof recogniseDates>>): RowTimes {
  if ('read' in found) return readColumn(cells, column, found);
  const name = columnName(cells.header, column);
  throw new DatasetError(
    `${name} has dates such as ${found.example}, which may be ${found.ambiguous.join(' or ')}: set dataset.time: ` +
      found.ambiguous.map((format) => `{column: ${name}, format: ${format}}`).join(' or '),
    'dataset.time',
  );
}

/** The first column of dates, one with a name that says so before others. */
function datedColumn(cells: Cells, known: string | undefined): RowTimes | undefined {
  const found = cells.header.flatMap((name, column) => {
    if (cells.durations[column] || cells.notTimes.includes(column)) return [];
    const there = cellsOf(cells, column).filter((cell) => !cells.isMissing(cell));
    // Empty dates in every other row are no times of rows.
    if (there.length < 0.9 * cells.rows.length) return [];
    const dates = recogniseDates(there, known);
    return dates ? [{ name, column, dates }] : [];
  });
  const chosen = found.find(({ name }) => timeName.test(name)) ?? found[0];
  return chosen && withClock(cells, readRecognised(cells, chosen.column, chosen.dates));
}

/** The first column of digits that are times: one with a name that says so before the first of the file. */
function digitColumn(cells: Cells): RowTimes | undefined {
  const columns = [...cells.header.entries()].filter(
    ([column]) => !cells.durations[column] && !cells.notTimes.includes(column),
  );
  for (const [column, name] of columns.sort(([, a], [, b]) => Number(timeName.test(b)) - Number(timeName.test(a)))) {
    const found = recogniseDigits(cellsOf(cells, column), { name, isFirst: column === 0 });
    if (found) return withClock(cells, readColumn(cells, column, found));
  }
  return undefined;
}

/** Dates that repeat, with the time of day from a column of its own, if there is one. */
function withClock(cells: Cells, times: RowTimes): RowTimes {
  const days = new Set(times.values);
  const isMidnight = times.values.every((value) => value % 86_400_000 === 0);
  if (!isMidnight || days.size === times.values.length) return times;
  for (const [column, name] of cells.header.entries()) {
    const read = [...times.columns, ...cells.notTimes].includes(column)
      ? undefined
      : clockOf(name, cellsOf(cells, column));
    if (!read) continue;
    return {
      ...times,
      columns: [...times.columns, column],
      values: times.values.map((day, row) => day + read(cells.rows[row]!.cells[column]!)),
      description: `${times.description} and ${columnName(cells.header, column)}`,
    };
  }
  return times;
}

/** 0630, 1800: a clock without a colon. */
const isShortClock = (text: string): boolean =>
  /^\d{3,4}$/.test(text) && Number(text) <= 2400 && Number(text) % 100 < 60;

/** A reader of a column of times of day: 18:30, 18.30.00, 6 PM, or 0 to 24 in a column named hour; undefined for another column. */
function clockOf(name: string, texts: readonly string[]): ((cell: string) => number) | undefined {
  if (
    /^(hr|hour|hours|h|stunde|hora|heure)$/i.test(name) &&
    texts.every((text) => /^\d{1,2}$/.test(text) && Number(text) <= 24)
  )
    return (cell) => Number(cell) * 3_600_000;
  if (/^(hr|hour|hours|h|time|hhmm|stunde|hora|heure)$/i.test(name) && texts.every(isShortClock))
    return (cell) => Math.floor(Number(cell) / 100) * 3_600_000 + (Number(cell) % 100) * 60_000;
  const isNamed = /time|clock|zeit|hora|heure/i.test(name);
  const clock = isNamed ? /^\d{1,2}([:.]\d{2}|\s*[ap]\.?m)/i : /^\d{1,2}(:\d{2}|\.\d{2}\.\d{2}$|\s*[ap]\.?m)/i;
  const read = clockReader();
  const plain = (text: string): string =>
    /[ap]\.?m/i.test(text) ? text : text.replaceAll('.', ':').replace(/(:\d\d:\d\d):/, '$1.');
  const isClock = texts.every((text) => clock.test(text) && !Number.isNaN(read(plain(text))));
  return isClock ? (cell) => read(plain(cell)) : undefined;
}

/** Columns that look like times but are not read as such: rows may then be in another order than they seem. */
export function unreadTimes(cells: Cells): string[] {
  return cells.header.flatMap((name, column) => {
    const [first] = cellsOf(cells, column).filter((cell) => !cells.isMissing(cell));
    if (first === undefined || !/\d/.test(first) || cells.notTimes.includes(column)) return [];
    const isLikely =
      cells.known[column] || isNumeric(first) ? stampName.test(name) : timeName.test(name) || /\d{4}.*\d/.test(first);
    return isLikely
      ? [
          `${columnName(cells.header, column)} has no times that are recognised, such as ${JSON.stringify(first)}, so rows are in the order of the ` +
            'file: if it has the times, set dataset.time: {column, format}',
        ]
      : [];
  });
}

/** A column that counts the rows of each series, or time since the first, up or down. */
function countingColumn(cells: Cells): RowTimes | undefined {
  const isNamed = (name: string, index: number): boolean =>
    countName.test(name) || stampName.test(name) || (cells.durations[index] !== undefined && timeName.test(name));
  const column = cells.header.findIndex(
    (name, index) => isNamed(name, index) && !cells.notTimes.includes(index) && isOrdered(cells, index),
  );
  return column < 0 ? undefined : numbers(cells, column);
}

function isOrdered(cells: Cells, column: number): boolean {
  const valueOf = (row: number): number => numberIn(cells, column, row);
  return cells.groups.every((group) => {
    const values = group.map(valueOf);
    const [first = NaN, second = first + 1] = values;
    const direction = Math.sign(second - first);
    return direction !== 0 && values.every((value, at) => at === 0 || Math.sign(value - values[at - 1]!) === direction);
  });
}

/** Whether a column only numbers the rows, so that it says nothing about a series: 0, 1, 2, ... */
export function numbersRows(cells: Cells, column: number): boolean {
  const { header, rows, groups } = cells;
  const isNamed = countName.test(header[column]!) || /^(row_?)?id$|^instant$/i.test(header[column]!);
  if (!isNamed) return false;
  const counts = (order: readonly number[]): boolean => {
    const values = order.map((row) => numberIn(cells, column, row));
    return Math.abs(values[1]! - values[0]!) === 1 && countsUp(values);
  };
  return counts([...rows.keys()]) || groups.every((group) => group.length > 2 && counts(group));
}
