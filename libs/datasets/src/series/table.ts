import { missingPolicy } from '@unroll/contracts';
import { categoryColumns, type CategoryColumn } from '../columns/category-columns';
import { missingCells, missingNumbers, sentinelsIn, type Sentinel } from '../columns/missing';
import { numberColumns, type LeftOut, type NumberColumn } from '../columns/number-columns';
import { columnName, columnNamed } from '../columns/named';
import { isNumeric } from '../columns/numbers';
import { DatasetError } from '../prepared/data';
import type { Clock, Span, Step } from '../prepared/rows';
import type { Table } from '../source/csv';
import { readTable } from '../tables/read-table';
import { durationsIn, typedNumbers } from './durations';
import { requireSteps, unreadSeries, wideTimes } from './hints';
import { hasFiner, requireOneSeries, seriesKeys, type Keys } from './long-form';
import { unknownWarning } from './learned-levels';
import { inOrder, type Ordered } from './order';
import type { Cells, RowTimes } from './cells';
import { findTimes, numbersRows, unreadTimes } from './row-times';
import { stepped } from './gaps';
import type { SeriesOptions, SeriesTable } from './series-table';

/**
 * Reads the series of a table: its times, by which rows are ordered, and its numeric columns, in any usual writing.
 * @throws DatasetError for no numeric column, a value that is no number, a time that is none or may be read in two ways, several series
 * in one file without dataset.series, or a missing value without a policy; naming the option that mends it
 */
export function readSeries(bytes: Uint8Array, options: SeriesOptions): SeriesTable {
  const parsed = readTable(bytes, { isSeries: true });
  const { header, rows } = parsed;
  if (rows.length === 0)
    throw new DatasetError(
      `the series has ${parsed.hasNames ? 'no rows' : 'only a header'}: give one row per time step`,
    );
  if (!parsed.hasNames) requireHeader(header);
  requireSteps(parsed, [options.series ?? []].flat());
  requireRead(parsed, options);
  const policy = missingPolicy(options.missing);
  const keys = seriesKeys(header, rows, options.series);
  const cells = toCells(parsed, keys, options);
  const times = findTimes(cells, options.time, options.timeFormat);
  if (options.series === undefined) requireOneSeries(cells, times);
  const categories = categoryColumns(rows, options.categories ?? [], {
    ...{ ...cells, known: options.levels, allowsUnknown: options.allowsUnknown },
  });
  const used = [...keys.columns, ...(times?.columns ?? []), ...categories.map(({ index }) => index)];
  const { numbers, leftOut } = readNumbers(cells, used, { ...options, ...parsed });
  const ordered = inOrder(times, keys, options.time?.zone);
  const places = ordered.rows.map((row) => rows[row]!.place);
  const read: Read = { parsed, cells, keys, times, numbers, categories, leftOut, ordered };
  const all = [...numbers, ...categories];
  const columns = all.map(({ values }) => Float64Array.from(ordered.rows, (row) => values[row]!));
  const names = [...numbers.map(({ index }) => columnName(header, index)), ...categories.map(({ name }) => name)];
  const open = openRows({ names, columns, spans: ordered.spans }, options);
  const isFiner = times !== undefined && hasFiner(cells, times);
  const gapped = stepped({ columns, names, ...ordered, places, isFiner }, times?.kind, options);
  const warnings = [
    ...(times ? [] : unreadTimes(cells)),
    ...wideTimes(cells, times),
    ...(options.series === undefined ? unreadSeries(cells, times) : []),
    ...gapped.warnings,
    ...sentinels(names, columns.slice(0, numbers.length), ordered.spans),
    ...categories.flatMap(({ name, unknown }) =>
      unknown.length > 0 ? [unknownWarning(name, unknown, 'which the model has not seen')] : [],
    ),
  ];
  const facts = [...describe(read, gapped.step), ...gapped.facts];
  if (policy.fill === 'error') requireComplete({ columns, names, places }, open, warnings);
  const table = { names, columns: gapped.columns, spans: gapped.spans, times: gapped.times };
  const kept = policy.fill === 'drop' ? withoutMissing(table, openRows(table, options), facts) : table;
  const { times: keptTimes, ...rest } = kept;
  return {
    ...rest,
    rows: kept.columns[0]!.length,
    leftOut: Object.fromEntries(leftOut.map(({ index, why }) => [columnName(header, index), why])),
    levels: Object.fromEntries(categories.map(({ name, levels }) => [name, levels])),
    clock: times && keptTimes && { ...asClock(times, options), times: keptTimes, step: gapped.step },
    timeFormat: times?.format,
    decimal: decimalOf(numbers),
    fill: policy.fill === 'error' || policy.fill === 'drop' ? 'none' : policy.fill,
    facts,
    warnings,
  };
}

/** The cells of a table, with the numbers that the file has as such, and the columns that are no times. */
function toCells(parsed: Table, keys: Keys, { missing, trained = [] }: SeriesOptions): Cells {
  const { header, rows } = parsed;
  const isMissing = missingCells(missingPolicy(missing).values);
  const durations = durationsIn(parsed, isMissing);
  const known = typedNumbers(parsed, isMissing).map((own, column) => own ?? durations[column]);
  const read = header.flatMap((_, column) => (trained.includes(columnName(header, column)) ? [column] : []));
  return { header, rows, isMissing, known, durations, notTimes: [...keys.columns, ...read], groups: keys.groups };
}

const asClock = (
  { kind, hasOffset }: RowTimes,
  { time }: SeriesOptions,
): Pick<Clock, 'kind' | 'hasOffset' | 'zone'> => ({
  kind,
  hasOffset,
  zone: kind === 'dates' ? time?.zone : undefined,
});

/** The decimal mark of all columns whose numbers show it. */
function decimalOf(numbers: readonly NumberColumn[]): '.' | ',' | undefined {
  const marks = new Set(numbers.flatMap(({ decimal }) => (decimal === undefined ? [] : [decimal])));
  return marks.size === 1 ? [...marks][0] : undefined;
}

interface Read {
  parsed: Table;
  cells: Cells;
  keys: Keys;
  times: RowTimes | undefined;
  numbers: readonly NumberColumn[];
  categories: readonly CategoryColumn[];
  leftOut: readonly LeftOut[];
  ordered: Ordered;
}

/** @throws DatasetError for values in place of names */
function requireHeader(header: readonly string[]): void {
  const named = header.filter((name) => name !== '');
  if (named.length === 0 || named.every((name) => isNumeric(name) || /^\d+[-/.:]\d+[-/.:\dT Z]*$/.test(name)))
    throw new DatasetError(
      `line 1: has values (${named.slice(0, 3).join(', ')}) where the names of the columns belong; add a line with their names`,
    );
}

/** @throws DatasetError for a column of a type that is not read where one is named */
function requireRead({ header, unread }: Table, { series = [], time, categories = [] }: SeriesOptions): void {
  if (!unread || unread.size === 0) return;
  const named = {
    'dataset.series': [series].flat(),
    'dataset.time': time ? [time.column] : [],
    'task.categories': categories,
  };
  for (const [option, names] of Object.entries(named))
    for (const name of names) {
      const why = unread.get(columnNamed(header, name, option));
      if (why !== undefined) throw new DatasetError(`${option}: ${name}: ${why}`, option);
    }
}

/** @throws DatasetError if no column has numbers */
function readNumbers(
  cells: Cells,
  used: readonly number[],
  { decimal, knownDecimal, missing, separator, unread }: SeriesOptions & Pick<Table, 'separator' | 'unread'>,
) {
  const { header, rows, isMissing, known } = cells;
  const isNone = missingNumbers(missingPolicy(missing).values);
  const nameOf = (column: number): string => columnName(header, column);
  const free = [...header.keys()].filter((column) => !used.includes(column));
  const counting = free.filter((column) => free.length > 1 && numbersRows(cells, column));
  const wanted = free.filter((column) => !counting.includes(column) && !unread?.has(column));
  const { numbers, leftOut } = numberColumns(rows, wanted, {
    isMissing,
    isNone,
    decimal,
    knownDecimal,
    separator,
    known,
    nameOf,
  });
  const others = [
    ...leftOut,
    ...counting.map((index) => ({ index, why: 'numbers the rows' })),
    ...[...(unread ?? [])].flatMap(([index, why]) => (free.includes(index) ? [{ index, why }] : [])),
  ];
  if (numbers.length === 0)
    throw new DatasetError(
      `the series has no numeric column: ${others.map(({ index, why }) => `${nameOf(index)} is ${why}`).join('; ') || 'there are only times'}`,
    );
  return { numbers, leftOut: others };
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 || what === 'series' ? '' : 's'}`;

/** What was read: rows and series, times, columns, and what was left out. */
function describe(
  { parsed, cells, keys, times, numbers, categories, leftOut, ordered }: Read,
  step: Step | undefined,
): string[] {
  const nameOf = (column: number): string => columnName(cells.header, column);
  const series =
    keys.columns.length > 0
      ? ` of ${counted(keys.names.length, 'series')} (${keys.columns.map(nameOf).join(', ')})`
      : '';
  const how = ordered.how === undefined ? '' : `, ${ordered.how}`;
  const time = times
    ? `time ${times.description}${how}${step ? `, step ${step.label}` : ', without a usual step'}`
    : 'no times, so rows are in the order of the file';
  const columns = numbers.map(({ index, note, values }) => {
    const [first] = values;
    const isConstant = values.length > 1 && values.every((value) => value === first);
    const notes = [...(note === undefined ? [] : [note]), ...(isConstant ? ['constant'] : [])];
    return `${nameOf(index)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  });
  const rest = leftOut.map(({ index, why }) => `${nameOf(index)} (${why})`);
  const inSeconds = [...numbers.map(({ index }) => index), ...(times?.columns ?? [])]
    .filter((index) => cells.durations[index])
    .sort((a, b) => a - b);
  const about = [
    ...parsed.notes,
    ...(inSeconds.length > 0 ? [`durations of ${inSeconds.map(nameOf).join(', ')} in seconds`] : []),
    time,
    `numbers ${columns.join(', ')}`,
    ...(categories.length > 0
      ? [`categories ${categories.map(({ name, levels }) => `${name} (${levels.length})`).join(', ')}`]
      : []),
    ...(rest.length > 0 ? [`left out ${rest.join(', ')}`] : []),
  ];
  return [`read ${counted(cells.rows.length, 'row')}${series}: ${about.join('; ')}`];
}

/** Values of a column that may mean missing: far from all others of their series. */
function sentinels(names: readonly string[], columns: readonly Float64Array[], spans: readonly Span[]): string[] {
  return columns.flatMap((column, index) => {
    const found = new Map<number, Sentinel>();
    for (const { begin, end } of spans)
      for (const each of sentinelsIn(column.subarray(begin, end))) {
        const { count = 0, least = Infinity, most = -Infinity } = found.get(each.value) ?? {};
        found.set(each.value, {
          value: each.value,
          count: count + each.count,
          least: Math.min(least, each.least),
          most: Math.max(most, each.most),
        });
      }
    if (found.size === 0 || found.size > mostSentinels) return [];
    const said = [...found.values()].map(
      ({ value, count, least, most }) =>
        `${value} in ${counted(count, 'row')}, and ${least} to ${most} in all others${spans.length > 1 ? ' of its series' : ''}`,
    );
    return [
      `${names[index]} is ${said.join('; ')}: ` +
        `if that means missing, set dataset.missing: {values: [${[...found.keys()].join(', ')}], fill: previous}`,
    ];
  });
}

/** More values than these are what series differ in. */
const mostSentinels = 3;

/** Whether a value may be missing: of a column that is not read, or after the last value of the targets, where only what is known is. */
type IsOpen = (row: number, column: number) => boolean;

function openRows(
  { names, columns, spans }: Pick<SeriesTable, 'names' | 'columns' | 'spans'>,
  { future, reads }: Pick<SeriesOptions, 'future' | 'reads'>,
): IsOpen {
  const read = new Set(reads?.(names) ?? names);
  const isUnread = names.map((name) => !read.has(name));
  if (!future) return (_, column) => isUnread[column]!;
  const targets = future.targets.flatMap((name) => columns[names.indexOf(name)] ?? []);
  if (targets.length === 0) return (_, column) => isUnread[column]!;
  const isAfter = new Uint8Array(targets[0]!.length);
  for (const { begin, end } of spans)
    for (let row = end - 1; row >= begin && targets.every((target) => Number.isNaN(target[row])); row--)
      isAfter[row] = 1;
  return (row, column) => isUnread[column]! || (isAfter[row] === 1 && !future.known.includes(names[column]!));
}

/** @throws DatasetError for a missing value, with its line */
function requireComplete(
  { columns, names, places }: { columns: readonly Float64Array[]; names: readonly string[]; places: readonly string[] },
  isOpen: IsOpen,
  warnings: readonly string[],
): void {
  columns.forEach((values, column) => {
    const isMissing = (value: number, row: number): boolean => Number.isNaN(value) && !isOpen(row, column);
    const row = values.findIndex(isMissing);
    if (row < 0) return;
    const more = values.filter(isMissing).length - 1;
    const others = more > 0 ? `, like ${counted(more, 'other row')}` : '';
    throw new DatasetError(
      `${places[row]}: ${names[column]} has no value${others}; fill it in, or set dataset.missing: drop, previous or interpolate` +
        warnings.map((warning) => ` (${warning})`).join(''),
      'dataset.missing',
    );
  });
}

type Kept = Pick<SeriesTable, 'names' | 'columns' | 'spans'> & { times?: Float64Array | undefined };

function withoutMissing({ names, columns, spans, times }: Kept, isOpen: IsOpen, facts: string[]): Kept {
  const isKept = (row: number): boolean =>
    columns.every((column, index) => !Number.isNaN(column[row]) || isOpen(row, index));
  const pick = (values: Float64Array): Float64Array => values.filter((_, row) => isKept(row));
  let begin = 0;
  const shorter = spans.map((span) => {
    const length = Array.from({ length: span.end - span.begin }, (_, at) => isKept(span.begin + at)).filter(
      Boolean,
    ).length;
    begin += length;
    return { key: span.key, begin: begin - length, end: begin };
  });
  const dropped = columns[0]!.length - begin;
  if (dropped > 0) facts.push(`dropped ${counted(dropped, 'row')} with a missing value`);
  return { names, columns: columns.map(pick), spans: shorter, times: times && pick(times) };
}
