import { suggestion, type Baseline, type DataReading, type DatasetSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling } from '../prepared/data';
import { standardScaling } from '../prepared/scaling';
import { splitByTime, type Stretch } from '../prepared/split';
import { forecastBaselines } from './baselines';
import { forecastBase } from './forecast-units';
import { historyOf, requireRows, toPanel, windowsAt, type Forecasting, type Panel } from './panel';
import type { SeriesPart, SeriesTable } from './table';

/** The table with what is learned of the target in its place. @throws DatasetError for a logarithm of what has none */
export function transformed(table: SeriesTable, target: number, { transform }: Forecasting): SeriesTable {
  if (transform === 'none') return table;
  const row = table.columns[target]!.findIndex((value) => value <= 0);
  if (row >= 0)
    throw new DatasetError(
      `task.transform: ${table.names[target]} is ${table.columns[target]![row]} in row ${row + 1}, which has no logarithm: leave it out`,
    );
  return { ...table, columns: table.columns.with(target, table.columns[target]!.map(Math.log)) };
}

/** How a part is split, in rows of the table. */
interface PartSplit {
  part: SeriesPart;
  train: Stretch[];
  validation: Stretch;
  test?: Stretch | undefined;
}

/**
 * Windows of `lookback` rows with the `horizon` target values after them, of every series; each is split by time. The forecast lies within
 * its part; the rows looked back at may precede it. Scaled by the training rows only. The baselines' errors are in the units of the series.
 * @throws DatasetError for a series that is too short, an unknown column, or too many values
 */
export function prepareForecast(
  read: SeriesTable,
  task: Forecasting,
  dataset: DatasetSpec,
  given?: DataReading,
): { data: ExampleData; baselines: Baseline[] } {
  const original = given ? givenColumns(read, given) : read;
  const target = targetColumn(original, task);
  const table = transformed(original, target, task);
  const splits = table.parts.map((part): PartSplit => splitPart(part, dataset));
  const learned = table.columns.map((column) =>
    splits.flatMap(({ train }) => train.flatMap(({ begin, end }) => [...column.subarray(begin, end)])),
  );
  const inputScaling = given?.inputScaling ?? fitScaling(learned, task.normalise);
  const ends = splits.map(({ train }) => train.at(-1)?.end ?? 0);
  const panel = toPanel({ table, truth: original.columns[target]! }, task, target, inputScaling, ends);
  const train = startsIn(panel, splits, 'training', ({ train: stretches }) => stretches);
  const held = startsIn(panel, splits, 'validation', ({ validation }) => [validation]);
  const hasTest = dataset.split.test > 0;
  const tested = hasTest ? startsIn(panel, splits, 'test', ({ test }) => [test!]) : undefined;
  const data = {
    kind: 'examples' as const,
    columns: table.names,
    inputScaling,
    targetScaling: { shift: [inputScaling.shift[target]!], scale: [inputScaling.scale[target]!] },
    train: examplesAt(panel, train, ends),
    validation: examplesAt(
      panel,
      held,
      splits.map(({ validation }) => validation.begin),
    ),
    test:
      tested &&
      examplesAt(
        panel,
        tested,
        splits.map(({ test }) => test!.begin),
      ),
  };
  return { data, baselines: forecastBaselines(data, table.parts, task) };
}

function splitPart(part: SeriesPart, dataset: DatasetSpec): PartSplit {
  const { train, validation, test } = splitByTime(part.end - part.begin, dataset);
  const moved = ({ begin, end }: Stretch): Stretch => ({ begin: begin + part.begin, end: end + part.begin });
  return { part, train: train.map(moved), validation: moved(validation), test: test && moved(test) };
}

/** The first forecast row of every window in these stretches. @throws DatasetError where a series has none */
function startsIn(
  { table, task }: Panel,
  splits: readonly PartSplit[],
  what: string,
  stretches: (split: PartSplit) => readonly Stretch[],
): Int32Array {
  const { horizon, lookback } = task;
  const history = historyOf(task);
  const starts = splits.map((split) =>
    stretches(split).flatMap(({ begin, end }) => {
      // A training window lies within its stretch, since the rows before it may be held out.
      const first = what === 'training' ? begin + history : Math.max(begin, split.part.begin + history);
      return Array.from({ length: Math.max(0, end - horizon - first + 1) }, (_, index) => first + index);
    }),
  );
  if (starts.every(({ length }) => length === 0) || (what !== 'training' && starts.some(({ length }) => length === 0)))
    requireRows(table, Infinity, `a ${what} window of lookback ${lookback} and horizon ${horizon}`);
  return Int32Array.from(starts.flat());
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

/** The column that is forecast. @throws DatasetError for a missing one */
export function targetColumn({ names }: SeriesTable, { target }: Forecasting): number {
  if (target === undefined) return names.length - 1;
  const index = names.indexOf(target);
  if (index < 0)
    throw new DatasetError(
      `task.target: there is no numeric column ${JSON.stringify(target)}${suggestion(target, names)}`,
    );
  return index;
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

/** Windows and what they forecast, in the unit of the network's output. */
function examplesAt(panel: Panel, starts: Int32Array, known: readonly number[]): Examples {
  const { horizon } = panel.task;
  const { inputs, units } = windowsAt(panel, starts, known);
  const values = new Float32Array(starts.length * horizon);
  starts.forEach((start, index) => {
    for (let ahead = 0; ahead < horizon; ahead++)
      values[index * horizon + ahead] =
        (units.learned[start + ahead]! - forecastBase(units, index, ahead)) / units.scale[index]!;
  });
  return { count: starts.length, inputs, targets: { kind: 'numbers', width: horizon, values }, units };
}
