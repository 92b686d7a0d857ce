import { suggestion, type Baseline, type DataReading, type DatasetSpec, type TaskSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling } from '../prepared/data';
import { requireRoom } from '../prepared/examples';
import { standardScaling } from '../prepared/scaling';
import { splitByTime, type Stretch } from '../prepared/split';
import { forecastBaselines } from './baselines';
import { filledColumn, firstSeen, valueAt, type FilledColumn } from './filled';
import type { SeriesTable } from './series-table';

type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/**
 * Windows of `lookback` rows with the `horizon` target values after them, all of one series. The forecast lies within its part; the rows
 * looked back at may precede it. Scaled by the training rows only. A missing target is NaN, which is neither learned nor scored. The
 * baselines' errors are in the units of the series.
 * @throws DatasetError for a series that is too short, an unknown column, or too many values
 */
export function prepareForecast(
  read: SeriesTable,
  task: Forecasting,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[]; facts: string[]; warnings: string[] } {
  const table = given ? givenColumns(read, given) : read;
  const target = targetColumn(table, task);
  const parts = splitSeries(table, dataset);
  const learned = table.columns.map((column) =>
    parts.train.flatMap(({ begin, end }) => [...column.subarray(begin, end)].filter((value) => !Number.isNaN(value))),
  );
  requireLearned(table, learned);
  const inputScaling = given?.inputScaling ?? fitScaling(learned, task.normalise);
  const scaled = scaledColumns(table, inputScaling).map((column) => filledColumn(column, table));
  const places = new Windows(table, scaled, target, task);
  const held = places.in(parts.validation, 'validation', false);
  const examples = (starts: Int32Array): Examples =>
    examplesAt(scaled, scaled[target]!.values, starts, task, table.fill);
  const data: ExampleData = {
    kind: 'examples',
    columns: table.names,
    timeFormat: table.timeFormat,
    decimal: table.decimal,
    inputScaling,
    targetScaling: { shift: [inputScaling.shift[target]!], scale: [inputScaling.scale[target]!] },
    train: examples(places.in(parts.train, 'training', true)),
    validation: examples(held),
    test: parts.test && examples(places.in(parts.test, 'test', false)),
  };
  const inputs = table.names.length === 1 ? 'its own past' : table.names.join(', ');
  const horizon = `${task.horizon} ${task.horizon === 1 ? 'row' : 'rows'} ahead`;
  return {
    data,
    baselines: forecastBaselines(table, target, held, task),
    facts: [...read.facts, `target ${table.names[target]}, ${horizon}, from ${inputs}, ${task.lookback} rows back`],
    warnings: read.warnings,
  };
}

/** Rows of the table by part. */
interface Parts {
  train: Stretch[];
  validation: Stretch[];
  test: Stretch[] | undefined;
}

/** Splits each series by time. */
function splitSeries({ spans }: SeriesTable, dataset: DatasetSpec): Parts {
  const parts = spans.map(({ begin, end }) => {
    const moved = (part: Stretch): Stretch => ({ begin: begin + part.begin, end: begin + part.end });
    const { train, validation, test } = splitByTime(end - begin, dataset);
    return { train: train.map(moved), validation: moved(validation), test: test && moved(test) };
  });
  return {
    train: parts.flatMap(({ train }) => train),
    validation: parts.map(({ validation }) => validation),
    test: dataset.split.test > 0 ? parts.flatMap(({ test }) => (test ? [test] : [])) : undefined,
  };
}

/** Where windows may start: the row of their first target. */
class Windows {
  /** By row: the first row of its series that a window may look back to. */
  private readonly seen: Int32Array;

  constructor(
    private readonly table: SeriesTable,
    columns: readonly FilledColumn[],
    target: number,
    private readonly task: Forecasting,
  ) {
    this.seen = new Int32Array(table.rows);
    const first = firstSeen(columns, table);
    table.spans.forEach(({ begin, end }, index) => this.seen.fill(first[index]!, begin, end));
    this.targets = table.columns[target]!;
  }

  private readonly targets: Float64Array;

  /** The starts of all windows of a part. `within`: whether the rows looked back at belong to it too. @throws DatasetError for none */
  in(part: readonly Stretch[], what: string, within: boolean): Int32Array {
    const { lookback, horizon } = this.task;
    const starts = part.flatMap(({ begin, end }) => {
      if (begin >= end) return [];
      const first = Math.max(within ? begin + lookback : begin, this.seen[begin]! + lookback);
      return Array.from({ length: Math.max(0, end - horizon - first + 1) }, (_, index) => first + index);
    });
    if (starts.length === 0) throw new DatasetError(this.tooFew(what), 'task');
    const known = starts.filter((start) =>
      this.targets.subarray(start, start + horizon).some((value) => !Number.isNaN(value)),
    );
    if (known.length === 0) throw new DatasetError(`no ${what} window has a target that is not missing`, 'task');
    requireRoom(
      known.length * lookback * this.table.columns.length,
      'reduce task.lookback, or the number of rows or columns',
    );
    return Int32Array.from(known);
  }

  private tooFew(what: string): string {
    const { spans, rows } = this.table;
    const { lookback, horizon } = this.task;
    const longest = spans.reduce((most, { begin, end }) => Math.max(most, end - begin), 0);
    const has =
      spans.length === 1 ? `the series has ${rows} rows` : `the longest of ${spans.length} series has ${longest} rows`;
    return `${has}, too few for a ${what} window of lookback ${lookback} and horizon ${horizon}`;
  }
}

/** @throws DatasetError for a column without a value in the training part */
function requireLearned({ names, rows }: SeriesTable, learned: readonly (readonly number[])[]): void {
  const empty = learned.findIndex(({ length }) => length === 0);
  if (empty < 0) return;
  const what = rows < 3 ? `the series has ${rows} rows, too few` : `${names[empty]} has no value in the training part`;
  throw new DatasetError(`${what}: give more rows`, rows < 3 ? undefined : 'task');
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

/** The normalised columns. */
export const scaledColumns = ({ columns }: Pick<SeriesTable, 'columns'>, { shift, scale }: Scaling): Float32Array[] =>
  columns.map((column, index) => Float32Array.from(column, (value) => (value - shift[index]!) / scale[index]!));

function targetColumn({ names }: SeriesTable, { target }: Forecasting): number {
  if (target === undefined) return names.length - 1;
  const index = names.indexOf(target);
  if (index < 0)
    throw new DatasetError(
      `task.target: there is no numeric column ${JSON.stringify(target)}` +
        (suggestion(target, names) || `; they are ${names.slice(0, 20).join(', ')}`),
      'task.target',
    );
  return index;
}

function fitScaling(columns: readonly (readonly number[])[], how: Forecasting['normalise']): Scaling {
  if (how === 'standard') return standardScaling(columns);
  if (how === 'none') return { shift: columns.map(() => 0), scale: columns.map(() => 1) };
  const ends = columns.map((values) =>
    values.reduce<[number, number]>(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]),
  );
  return {
    shift: ends.map(([least]) => least),
    scale: ends.map(([least, most]) => (most > least ? most - least : 1)),
  };
}

function examplesAt(
  columns: readonly FilledColumn[],
  target: ArrayLike<number>,
  starts: Int32Array,
  { lookback, horizon }: Forecasting,
  fill: SeriesTable['fill'],
): Examples {
  const width = columns.length;
  const values = new Float32Array(starts.length * lookback * width);
  const answers = new Float32Array(starts.length * horizon);
  starts.forEach((start, index) => {
    for (let step = 0; step < lookback; step++)
      for (let column = 0; column < width; column++)
        values[(index * lookback + step) * width + column] = valueAt(
          columns[column]!,
          start - lookback + step,
          start,
          fill,
        );
    for (let ahead = 0; ahead < horizon; ahead++) answers[index * horizon + ahead] = target[start + ahead]!;
  });
  const offsets = Int32Array.from({ length: starts.length + 1 }, (_, index) => index * lookback);
  return {
    count: starts.length,
    inputs: { kind: 'vectors', offsets, width, values },
    targets: { kind: 'numbers', width: horizon, values: answers },
  };
}
