import { suggestion, type TaskSpec } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import type { SeriesTable } from './series-table';

type Forecasting = Extract<TaskSpec, { kind: 'forecasting' }>;

/** What the columns of a series are for, by their places in its table. */
export interface Roles {
  /** Read at their own time, the target among them; they are the first columns of the table. */
  own: number[];
  /** What is forecast, in the order of task.target. */
  targets: number[];
  /** Read `horizon` rows ahead. */
  known: number[];
  categories: number[];
  /** Those of them whose future is known, which are read `horizon` rows ahead as well. */
  categoriesAhead: number[];
}

/** The roles of columns that `chosenColumns` has put in order. */
export function rolesOf(names: readonly string[], task: Forecasting): Roles {
  const { inputs, known, categories } = task;
  const places = names.map((_, index) => index);
  const targets =
    task.target === undefined
      ? [places.findLast((index) => !known.includes(names[index]!) && !categories.includes(names[index]!))!]
      : [task.target].flat().map((name) => names.indexOf(name));
  return {
    own: places.filter(
      (index) =>
        !categories.includes(names[index]!) &&
        (inputs === undefined || inputs.includes(names[index]!) || targets.includes(index)),
    ),
    targets,
    known: known.filter((name) => !categories.includes(name)).map((name) => names.indexOf(name)),
    categories: categories.map((name) => names.indexOf(name)),
    categoriesAhead: categories.filter((name) => known.includes(name)).map((name) => names.indexOf(name)),
  };
}

/** The names of the columns that are read; others need no values. */
export function columnsRead(names: readonly string[], task: Forecasting): string[] {
  const { own, known, categories } = rolesOf(names, task);
  return [...own, ...known, ...categories].flatMap((column) => names[column] ?? []);
}

function requireColumns(
  names: readonly string[],
  { wanted, option, leftOut }: Pick<SeriesTable, 'leftOut'> & { wanted: readonly string[]; option: string },
): void {
  const missing = wanted.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const why = leftOut?.[missing];
  throw new DatasetError(
    `${option}: there is no numeric column ${JSON.stringify(missing)}` +
      (why === undefined ? '' : `, which was left out (${why})`) +
      (suggestion(missing, [...names]) || `; they are ${names.slice(0, 20).join(', ')}`),
    option,
  );
}

/** The columns of a table that a forecast reads: those read at their own time first. @throws DatasetError for one that is not there */
export function chosenColumns(table: SeriesTable, task: Forecasting): SeriesTable {
  const { target, inputs = [], known, categories } = task;
  const numeric = table.names.filter((name) => !categories.includes(name));
  const { leftOut } = table;
  if (target !== undefined) requireColumns(numeric, { wanted: [target].flat(), option: 'task.target', leftOut });
  requireColumns(numeric, { wanted: inputs, option: 'task.inputs', leftOut });
  requireColumns(table.names, { wanted: known, option: 'task.known', leftOut });
  if (target === undefined && numeric.every((name) => known.includes(name)))
    throw new DatasetError('task.known: names every numeric column, so that none is left to forecast', 'task.known');
  const { own } = rolesOf(table.names, task);
  const others = [...known, ...categories].map((name) => table.names.indexOf(name));
  const order = [...new Set([...own, ...others])];
  return {
    ...table,
    names: order.map((index) => table.names[index]!),
    columns: order.map((index) => table.columns[index]!),
  };
}
