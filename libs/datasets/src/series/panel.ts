import type { TaskSpec } from '@unroll/contracts';
import { DatasetError, type ForecastUnits, type Scaling, type Sequences } from '../prepared/data';
import { requireRoom } from '../prepared/examples';
import { standardScaling } from '../prepared/scaling';
import type { Stretch } from '../prepared/split';
import { calendarRows, numbersPerPart, type CalendarPart } from './calendar';
import { filledColumn, firstSeen, valueAt, type FilledColumn } from './filled';
import type { Span } from '../prepared/rows';
import { rolesOf, type Roles } from './roles';
import type { SeriesTable } from './series-table';

export type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/** A task whose reference and transform are known, also where tests decide on them. */
export type DecidedTask = Forecasting & {
  reference: Exclude<Forecasting['reference'], 'auto'>;
  transform: Exclude<Forecasting['transform'], 'auto'>;
};

/** A window that deviates less, in deviations of its series, is taken as constant, and has the scale of its series. */
const leastDeviation = 1e-3;

/** The series of a table as a network reads them. */
export interface Panel {
  /** With what is learned of the targets in their places. */
  table: SeriesTable;
  /** Each target in the unit of the data; NaN where it is missing. */
  truths: readonly Float64Array[];
  roles: Roles;
  task: DecidedTask;
  /** Its calendar features, of each row that lies task.horizon ahead: [row · features · 2]. */
  calendar: readonly CalendarPart[];
  cycles: Float32Array;
  columns: readonly FilledColumn[];
  /** The scaling of each column in each series. */
  scalings: readonly { shift: number; scale: number }[][];
  /** By series: the first row that a window may look back to. */
  seen: readonly number[];
  /** What is learned of each target, each missing value replaced by the one before it. */
  learned: readonly Float64Array[];
  /**
   * Numbers in a row: the columns read at their own time, the targets lagged by each of task.lags, the known columns ahead, calendar
   * features, and a one for the category of each column of categories, also ahead where it is known.
   */
  width: number;
  /**
   * All rows as windows see them, [row · width]; undefined where what is missing is interpolated, so that a row looks different from
   * windows that end at different places.
   */
  rows: Float32Array | undefined;
}

/** Rows before the first one that a series can forecast. */
export const historyOf = ({ lookback, horizon, lags, reference, season }: DecidedTask): number =>
  Math.max(lookback + Math.max(0, ...lags.map((lag) => lag - horizon)), reference === 'season' ? season! : 0);

const isThere = (value: number): boolean => !Number.isNaN(value);

/** The mean and deviation of what is not missing, 0 and 1 for nothing. */
function spreadOf(all: FilledColumn['values'], stretches: readonly Stretch[]): { shift: number; scale: number } {
  const values = stretches.flatMap(({ begin, end }) => Array.from(all.subarray(begin, end)).filter(isThere));
  if (values.length === 0) return { shift: 0, scale: 1 };
  const { shift, scale } = standardScaling([values]);
  return { shift: shift[0]!, scale: scale[0]! };
}

/**
 * How rows are scaled: by `scaling`, or with task.normalise: window, the targets by the rows of their series that are `given`, which keeps
 * the precision of what a window normalises by itself.
 */
export function toPanel(
  { table, truths, calendar }: Pick<Panel, 'table' | 'truths' | 'calendar'>,
  task: DecidedTask,
  { shift, scale }: Scaling,
  given: readonly (readonly Stretch[])[],
): Panel {
  const roles = rolesOf(table.names, task);
  const columns = table.columns.map((column) => filledColumn(column, table));
  const scalings = table.spans.map((_, series) =>
    columns.map((column, index) =>
      roles.targets.includes(index) && task.normalise === 'window'
        ? spreadOf(column.values, given[series]!)
        : { shift: shift[index]!, scale: scale[index]! },
    ),
  );
  const levels = [...roles.categories, ...roles.categoriesAhead].map(
    (column) => table.levels[table.names[column]!]!.length,
  );
  const width = [
    roles.own.length,
    task.lags.length * roles.targets.length,
    roles.known.length,
    calendar.length * numbersPerPart,
    ...levels,
  ].reduce((sum, each) => sum + each, 0);
  const firstOf = (places: readonly number[]): number[] =>
    firstSeen(
      places.map((column) => columns[column]!),
      table,
    );
  const ahead = firstOf(roles.known);
  const read = {
    ...{ table, truths, roles, task, calendar, columns, scalings, width },
    cycles: calendarRows(calendar, table.clock, { spans: table.spans, ahead: task.horizon }),
    seen: firstOf([...roles.own, ...roles.categories]).map((first, series) =>
      Math.max(first, ahead[series]! - task.horizon),
    ),
    learned: roles.targets.map((target) => filledBefore(columns[target]!)),
  };
  const isShared = table.fill !== 'interpolate' || !table.columns.some((column) => column.some(Number.isNaN));
  return { ...read, rows: isShared ? readRows(read) : undefined };
}

/** All rows, each as a window sees it that begins to forecast after it. */
function readRows(panel: Omit<Panel, 'rows'>): Float32Array {
  const { table, width } = panel;
  requireRoom(table.rows * width, 'reduce the number of rows, columns or categories');
  const values = new Float32Array(table.rows * width);
  table.spans.forEach(({ begin, end }, index) => {
    for (let row = begin; row < end; row++) readRow(panel, index, row, row + 1, values, row * width);
  });
  return values;
}

/** A row as a window that starts at `start` sees it, scaled: see Panel.width. What lies after the end of a series is 0. */
function readRow(
  panel: Omit<Panel, 'rows'>,
  series: number,
  row: number,
  start: number,
  into: Float32Array,
  at: number,
): void {
  const { table, roles, task, columns, scalings, calendar, cycles } = panel;
  const { begin, end } = table.spans[series]!;
  const { horizon, lags } = task;
  let place = at;
  const put = (column: number, from: number, sees = start): void => {
    const { shift, scale } = scalings[series]![column]!;
    const isIn = from >= begin && from < end;
    into[place++] = isIn ? (valueAt(columns[column]!, from, sees, table.fill) - shift) / scale : 0;
  };
  for (const column of roles.own) put(column, row);
  for (const lag of lags) for (const target of roles.targets) put(target, row + horizon - lag);
  for (const column of roles.known) put(column, row + horizon, start + horizon);
  const numbers = calendar.length * numbersPerPart;
  into.set(cycles.subarray(row * numbers, (row + 1) * numbers), place);
  place += numbers;
  const mark = (column: number, from: number): void => {
    const level = from < end ? valueAt(columns[column]!, from, start, 'previous') : NaN;
    if (level >= 0) into[place + level] = 1;
    place += table.levels[table.names[column]!]!.length;
  };
  for (const column of roles.categories) mark(column, row);
  for (const column of roles.categoriesAhead) mark(column, row + horizon);
}

/** The mean absolute error of the seasonal naive forecast of a row ahead, within these rows; NaN where it has none. */
function naiveError(series: Float64Array, { begin, end }: Stretch, season: number): number {
  let [sum, count] = [0, 0];
  for (let row = begin + season; row < end; row++) {
    const error = Math.abs(series[row]! - series[row - season]!);
    if (Number.isNaN(error)) continue;
    sum += error;
    count += 1;
  }
  return sum / count;
}

/** The series of each window; both are in the order of rows. */
export function seriesAt(spans: readonly Span[], starts: Int32Array): Int32Array {
  let series = 0;
  return starts.map((start) => {
    while (start - 1 >= spans[series]!.end) series += 1;
    return series;
  });
}

/** The values of windows, which overlap where all rows are shared, and where each begins. */
function windowValues(
  panel: Panel,
  starts: Int32Array,
  series: Int32Array,
): { values: Float32Array; begins: Int32Array } {
  const { width, rows, task } = panel;
  const { lookback } = task;
  if (rows) return { values: rows, begins: starts.map((start) => start - lookback) };
  requireRoom(starts.length * lookback * width, 'reduce task.lookback, or the number of rows or columns');
  const values = new Float32Array(starts.length * lookback * width);
  const begins = starts.map((_, index) => index * lookback);
  starts.forEach((start, index) => {
    for (let step = 0; step < lookback; step++)
      readRow(panel, series[index]!, start - lookback + step, start, values, (begins[index]! + step) * width);
  });
  return { values, begins };
}

/** A column with each missing value replaced by the one before it. */
export const filledBefore = ({ values, before }: FilledColumn): Float64Array =>
  Float64Array.from(before, (row) => (row < 0 ? NaN : values[row]!));

/**
 * Windows of task.lookback rows before each of `starts`, in ascending order. `known`: the rows of each series that MASE compares with.
 */
export function windowsAt(
  panel: Panel,
  starts: Int32Array,
  known: readonly Stretch[],
): { inputs: Extract<Sequences, { kind: 'vectors' }>; units: ForecastUnits[] } {
  const { table, roles, task, width } = panel;
  const { own: read, targets } = roles;
  const { lookback, normalise, lags } = task;
  const series = seriesAt(table.spans, starts);
  const { values, begins } = windowValues(panel, starts, series);
  const scalings = targets.map((target) =>
    normalise === 'window' ? ownScaling(values, begins, { lookback, width, target: read.indexOf(target) }) : undefined,
  );
  const units = targets.map((_, place) => unitsOf(panel, place, { starts, series, known, own: scalings[place] }));
  const offsets = Int32Array.from({ length: starts.length + 1 }, (_, index) => index * lookback);
  const owns = scalings.flatMap((own, place) => (own ? [{ ...own, place }] : []));
  // The columns of each target: its own, and its lags.
  const all = owns.flatMap(({ place, ...own }) => [
    { ...own, column: read.indexOf(targets[place]!) },
    ...lags.map((_, lag) => ({ ...own, column: read.length + lag * targets.length + place })),
  ]);
  const beside = (which: 'shift' | 'scale'): Float32Array => {
    const joined = new Float32Array(starts.length * all.length);
    all.forEach((each, place) => each[which].forEach((value, index) => (joined[index * all.length + place] = value)));
    return joined;
  };
  const columns = all.map(({ column }) => column);
  const windows = { begins, columns, shift: beside('shift'), scale: beside('scale') };
  return { inputs: { kind: 'vectors', offsets, width, values, windows }, units };
}

interface OwnScaling {
  shift: Float32Array;
  scale: Float32Array;
}

/** The units of one target, by its place among the targets; `own`: what its windows are normalised by. */
function unitsOf(
  { table, truths, roles, task, scalings, learned }: Panel,
  place: number,
  {
    starts,
    series,
    known,
    own,
  }: { starts: Int32Array; series: Int32Array; known: readonly Stretch[]; own: OwnScaling | undefined },
): ForecastUnits {
  const { reference, season = 1 } = task;
  const [truth, target] = [truths[place]!, roles.targets[place]!];
  const naive = known.map((rows) => naiveError(truth, rows, season));
  const base = (index: number) => scalings[series[index]!]![target]!;
  const shift = (index: number): number => base(index).shift + base(index).scale * (own?.shift[index] ?? 0);
  const scale = (index: number): number => base(index).scale * (own?.scale[index] ?? 1);
  const counts = isOfCounts(task) ? countScale(learned[place]!, starts, task) : undefined;
  return {
    ...{ target: table.names[target]!, truth, learned: learned[place]!, isLogarithmic: task.transform === 'log' },
    isOfCounts: isOfCounts(task),
    ...{ starts, reference, season, spans: table.spans, clock: table.clock },
    shift: counts ? new Float64Array(starts.length) : Float64Array.from(starts, (_, index) => shift(index)),
    scale: counts ?? Float64Array.from(starts, (_, index) => scale(index)),
    naive: Float64Array.from(starts, (_, index) => naive[series[index]!]!),
  };
}

/** Whether forecasts are distributions of counts. */
export const isOfCounts = ({ loss }: Forecasting): boolean =>
  typeof loss === 'object' && 'distribution' in loss && loss.distribution === 'negative-binomial';

/** What the mean and dispersion of counts are relative to: 1 + the mean of each window (Salinas et al. 2020, section 3.3). */
const countScale = (learned: Float64Array, starts: Int32Array, { lookback }: Forecasting): Float64Array =>
  Float64Array.from(starts, (start) => {
    let sum = 0;
    for (let row = start - lookback; row < start; row++) sum += learned[row]!;
    return 1 + sum / lookback;
  });

/** The mean and deviation of a target in each window. */
function ownScaling(
  values: Float32Array,
  begins: Int32Array,
  { lookback, width, target }: { lookback: number; width: number; target: number },
): OwnScaling {
  const [shift, scale] = [new Float32Array(begins.length), new Float32Array(begins.length)];
  begins.forEach((begin, index) => {
    let sum = 0;
    for (let step = 0; step < lookback; step++) sum += values[(begin + step) * width + target]!;
    const mean = sum / lookback;
    let squares = 0;
    for (let step = 0; step < lookback; step++) squares += (values[(begin + step) * width + target]! - mean) ** 2;
    const variance = squares / lookback;
    [shift[index], scale[index]] = [mean, variance > leastDeviation ** 2 ? Math.sqrt(variance) : 1];
  });
  return { shift, scale };
}

/** @throws DatasetError that names the shortest series where it has fewer rows */
export function requireRows({ spans }: SeriesTable, least: number, what: string): void {
  const shortest = spans.reduce((a, b) => (b.end - b.begin < a.end - a.begin ? b : a));
  const rows = shortest.end - shortest.begin;
  if (rows < least)
    throw new DatasetError(
      `the series ${shortest.key === '' ? '' : `${shortest.key} `}has ${rows} rows, too few for ${what}`,
      'task',
    );
}
