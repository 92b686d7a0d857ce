import { suggestion, type Baseline, type DataReading, type DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling } from '../prepared/data';
import { standardScaling } from '../prepared/scaling';
import { splitByTime, type Stretch } from '../prepared/split';
import { forecastBaselines } from './baselines';
import { calendarParts, requireDates, requireStep, type CalendarPart } from './calendar';
import { forecastBase } from './forecast-units';
import {
  historyOf,
  isOfCounts,
  requireRows,
  toPanel,
  windowsAt,
  type DecidedTask,
  type Forecasting,
  type Panel,
} from './panel';
import { withLearnedLevels } from './learned-levels';
import { chosenColumns, rolesOf } from './roles';
import type { SeriesTable } from './series-table';
import { chosenTransform } from './spread';
import { chosenReference, decided } from './trend';

/** How a series is split, in rows of the table. */
interface SeriesSplit {
  train: Stretch[];
  validation: Stretch;
  test?: Stretch | undefined;
}

/**
 * Windows of `lookback` rows with the `horizon` target values after them, each of one series; each series is split by time. The forecast
 * lies within its part; the rows looked back at may precede it. Scaled by the training rows only. A missing target is NaN, which is neither
 * learned nor scored. The baselines' errors are in the units of the series.
 * @throws DatasetError for a series that is too short, an unknown column, or too many values
 */
export function prepareForecast(
  read: SeriesTable,
  asked: Forecasting,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[]; facts: string[]; warnings: string[] } {
  requireRows(read, asked.horizon + 1, `task.horizon: ${asked.horizon}`);
  const splits = read.spans.map((span): SeriesSplit => splitSeries(span, dataset));
  const trained = splits.map(({ train }) => train);
  const original = given
    ? givenColumns(read, given)
    : withLearnedLevels(chosenColumns(read, asked), asked.categories, trained);
  const { targets } = rolesOf(original.names, asked);
  const { task, table, chosen, facts } = decide(original, targets, splits, { asked, given });
  const learned = table.columns.map((column) => valuesIn(column, splits));
  requireLearned(table, learned);
  const inputScaling = given?.inputScaling ?? fitScaling(learned, task.normalise);
  const calendar = calendarOf(table, task, given);
  const panel = toPanel(
    { table, truths: targets.map((target) => original.columns[target]!), calendar },
    task,
    inputScaling,
    trained,
  );
  const held = (what: 'validation' | 'test'): Examples =>
    examplesAt(
      panel,
      startsIn(panel, what, splits, (split) => [split[what]!]),
      table.spans.map((span, series) => rowsBefore(span, splits[series]!, what)),
    );
  const validation = held('validation');
  const data = {
    kind: 'examples' as const,
    columns: table.names,
    categories: task.categories.length > 0 ? table.levels : undefined,
    calendar: calendar.length > 0 ? calendar : undefined,
    ...chosen,
    timeFormat: table.timeFormat,
    decimal: table.decimal,
    inputScaling,
    targetScaling: scalingOf(inputScaling, targets),
    train: examplesAt(
      panel,
      startsIn(panel, 'training', splits, ({ train }) => train),
      table.spans.map(({ begin }, series) => ({ begin, end: trained[series]!.at(-1)?.end ?? begin })),
    ),
    validation,
    test: dataset.split.test > 0 ? held('test') : undefined,
  };
  return {
    data,
    baselines: forecastBaselines(data, { spans: table.spans, ends: splits.map(firstHeld) }, task),
    facts: [...read.facts, [readFact(panel), ...facts].join('; ')],
    warnings: original.warnings,
  };
}

interface Decision {
  task: DecidedTask;
  /** With what is learned of the targets in their places. */
  table: SeriesTable;
  /** What was left to tests. */
  chosen: Pick<DataReading, 'reference' | 'transform'>;
  facts: string[];
}

/** What of a task is left to tests of the training part, or was decided by them for a trained network. */
function decide(
  original: SeriesTable,
  targets: readonly number[],
  splits: readonly SeriesSplit[],
  { asked, given }: { asked: Forecasting; given: DataReading | undefined },
): Decision {
  const spread =
    asked.transform === 'auto' && !given
      ? chosenTransform(learnedOf(original, targets, splits), asked, isPositive(original, targets))
      : undefined;
  const transform = given?.transform ?? spread?.transform;
  const table = transformed(original, targets, decided(asked, { transform }));
  const trend =
    asked.reference === 'auto' && !given ? chosenReference(learnedOf(table, targets, splits), asked) : undefined;
  const reference = given?.reference ?? trend?.reference;
  return {
    task: decided(asked, { reference, transform }),
    table,
    chosen: {
      reference: asked.reference === 'auto' ? reference : undefined,
      transform: asked.transform === 'auto' ? transform : undefined,
    },
    facts: [spread, trend].flatMap((each) => each?.fact ?? []),
  };
}

const scalingOf = ({ shift, scale }: Scaling, columns: readonly number[]): Scaling => ({
  shift: columns.map((column) => shift[column]!),
  scale: columns.map((column) => scale[column]!),
});

/** @throws DatasetError for rows whose calendar is not known */
function calendarOf(
  { clock }: SeriesTable,
  task: Forecasting,
  given: DataReading | undefined,
): readonly CalendarPart[] {
  const calendar = (given?.calendar as CalendarPart[] | undefined) ?? calendarParts(task.calendar, clock);
  requireDates(calendar, clock);
  if (!given) requireStep(calendar, clock, task);
  return calendar;
}

function readFact({ table: { names }, roles, calendar, task }: Panel): string {
  const { horizon, lookback } = task;
  const listed = (places: readonly number[]): string => places.map((place) => names[place]).join(', ');
  const inputs = [
    roles.own.length > roles.targets.length
      ? listed(roles.own)
      : `${roles.targets.length === 1 ? 'its' : 'their'} own past`,
    ...(task.known.length > 0 ? [`${task.known.join(', ')} ahead`] : []),
    ...(calendar.length > 0 ? [`calendar ${calendar.join(', ')}`] : []),
    ...(roles.categories.length > 0 ? [`categories ${listed(roles.categories)}`] : []),
  ].join('; ');
  const rows = horizon === 1 ? 'row' : 'rows';
  return `target${roles.targets.length === 1 ? '' : 's'} ${listed(roles.targets)}, ${horizon} ${rows} ahead, from ${inputs}, ${lookback} rows back`;
}

function splitSeries({ begin, end }: Stretch, dataset: DatasetSpec): SeriesSplit {
  const { train, validation, test } = splitByTime(end - begin, dataset);
  const moved = (part: Stretch): Stretch => ({ begin: begin + part.begin, end: begin + part.end });
  return { train: train.map(moved), validation: moved(validation), test: test && moved(test) };
}

/** The rows of a series before a held-out part; of the first of several parts, before which there are none, those after it. */
function rowsBefore({ begin }: Stretch, split: SeriesSplit, what: 'validation' | 'test'): Stretch {
  const { begin: end } = split[what]!;
  return end > begin ? { begin, end } : (split.train.at(-1) ?? { begin, end });
}

/** The first row that is held out. */
const firstHeld = ({ validation, test }: SeriesSplit): number => Math.min(validation.begin, test?.begin ?? Infinity);

/** What is learned of each target in each series, without what is missing. */
const learnedOf = ({ columns }: SeriesTable, targets: readonly number[], splits: readonly SeriesSplit[]): number[][] =>
  targets.flatMap((target) => splits.map((split) => valuesIn(columns[target]!, [split])));

/** The values of the training rows that are not missing. */
const valuesIn = (column: Float64Array, splits: readonly SeriesSplit[]): number[] =>
  splits.flatMap(({ train }) =>
    train.flatMap(({ begin, end }) => Array.from(column.subarray(begin, end).filter((value) => !Number.isNaN(value)))),
  );

/** The first forecast row of every window in these stretches with a target that is not missing. @throws DatasetError for none */
function startsIn(
  { table, task, seen, truths, roles }: Panel,
  what: string,
  splits: readonly SeriesSplit[],
  stretches: (split: SeriesSplit) => readonly Stretch[],
): Int32Array {
  const { horizon, lookback } = task;
  const history = historyOf(task);
  const starts = splits.flatMap((split, series) =>
    stretches(split).flatMap(({ begin, end }) => {
      // A training window lies within its stretch, since the rows before it may be held out.
      const first = Math.max(what === 'training' ? begin + history : begin, seen[series]! + history);
      return Array.from({ length: Math.max(0, end - horizon - first + 1) }, (_, index) => first + index);
    }),
  );
  if (starts.length === 0) {
    const longest = table.spans.reduce((most, { begin, end }) => Math.max(most, end - begin), 0);
    const has =
      table.spans.length === 1
        ? `the series has ${table.rows} rows`
        : `the longest of ${table.spans.length} series has ${longest} rows`;
    throw new DatasetError(
      `${has}, too few for a ${what} window of lookback ${lookback} and horizon ${horizon}`,
      'task',
    );
  }
  const known = starts.filter((start) => isKnown(truths, start, horizon));
  // Each by itself: a metric is the mean over all targets.
  const missing = truths.findIndex((truth) => !known.some((start) => isKnown([truth], start, horizon)));
  if (missing >= 0)
    throw new DatasetError(
      `no ${what} window has a value of ${table.names[roles.targets[missing]!]} that is not missing: leave it out of task.target, or ` +
        'give another dataset.split',
      'task',
    );
  return Int32Array.from(known);
}

/** @throws DatasetError for a column without a value in the training part */
function requireLearned({ names, rows }: SeriesTable, learned: readonly (readonly number[])[]): void {
  const empty = learned.findIndex(({ length }) => length === 0);
  if (empty < 0) return;
  const what = rows < 3 ? `the series has ${rows} rows, too few` : `${names[empty]} has no value in the training part`;
  throw new DatasetError(`${what}: give more rows`, rows < 3 ? undefined : 'task');
}

/** Whether a forecast from row `start` on has something to be held against. */
export const isKnown = (truths: readonly Float64Array[], start: number, horizon: number): boolean =>
  truths.some((truth) => truth.subarray(start, start + horizon).some((value) => !Number.isNaN(value)));

/** The table with what is learned of the targets in their places. @throws DatasetError for a logarithm of what has none */
export const transformed = (table: SeriesTable, targets: readonly number[], task: DecidedTask): SeriesTable =>
  targets.reduce((before, target) => transformedColumn(before, target, task), table);

function transformedColumn(table: SeriesTable, target: number, task: DecidedTask): SeriesTable {
  const { transform } = task;
  if (isOfCounts(task)) requireCounts(table, target);
  if (transform === 'none') return table;
  const row = table.columns[target]!.findIndex((value) => value <= 0);
  if (row >= 0)
    throw new DatasetError(
      `task.transform: ${table.names[target]} is ${table.columns[target]![row]} in row ${row + 1}, which has no logarithm: leave it out`,
      'task.transform',
    );
  return { ...table, columns: table.columns.with(target, table.columns[target]!.map(Math.log)) };
}

/** Whether all values of the targets have a logarithm. */
const isPositive = ({ columns }: SeriesTable, targets: readonly number[]): boolean =>
  targets.every((target) => !columns[target]!.some((value) => value <= 0));

/** @throws DatasetError for a value that is no count */
function requireCounts({ names, columns, spans }: SeriesTable, target: number): void {
  const row = columns[target]!.findIndex((value) => value < 0 || (!Number.isNaN(value) && !Number.isInteger(value)));
  if (row < 0) return;
  const { key, begin } = spans.find(({ end }) => row < end)!;
  throw new DatasetError(
    `task.loss: negative-binomial is a distribution of counts, and ${names[target]} is ${columns[target]![row]} in row ` +
      `${row - begin + 1}${key === '' ? '' : ` of ${key}`}: give student-t, or counts`,
    'task.loss',
  );
}

/** The columns of a trained network, in its order. @throws DatasetError for a missing one */
export function givenColumns(table: SeriesTable, { columns = [] }: DataReading): SeriesTable {
  const indices = columns.map((name) => {
    const index = table.names.indexOf(name);
    if (index < 0)
      throw new DatasetError(
        `the model reads the column ${JSON.stringify(name)}, which is missing or not numeric here` +
          suggestion(name, table.names),
      );
    return index;
  });
  return { ...table, names: [...columns], columns: indices.map((index) => table.columns[index]!) };
}

function fitScaling(columns: readonly (readonly number[])[], how: Forecasting['normalise']): Scaling {
  if (how === 'standard' || how === 'window') return standardScaling(columns);
  if (how === 'none') return { shift: columns.map(() => 0), scale: columns.map(() => 1) };
  const ends = columns.map((values) =>
    values.reduce<[number, number]>(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]),
  );
  return {
    shift: ends.map(([least]) => least),
    scale: ends.map(([least, most]) => (most > least ? most - least : 1)),
  };
}

/**
 * Windows and what they forecast, in the unit of the network's output, the rows ahead of each target in turn; NaN where it is missing.
 */
export function examplesAt(panel: Panel, starts: Int32Array, known: readonly Stretch[]): Examples {
  const { horizon } = panel.task;
  const { inputs, units } = windowsAt(panel, starts, known);
  const width = units.length * horizon;
  const values = new Float32Array(starts.length * width);
  units.forEach((own, place) => {
    const right = panel.table.columns[panel.roles.targets[place]!]!;
    starts.forEach((start, index) => {
      for (let ahead = 0; ahead < horizon; ahead++)
        values[index * width + place * horizon + ahead] =
          (right[start + ahead]! - forecastBase(own, index, ahead)) / own.scale[index]!;
    });
  });
  return { count: starts.length, inputs, targets: { kind: 'numbers', width, values }, units };
}
