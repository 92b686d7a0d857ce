import { DatasetError } from '../prepared/data';
import type { Table } from '../source/csv';
import type { JsonLine } from '../source/json-lines';
import { cellOf, placeIn, type TypedTable } from '../tables/typed-table';

/** The names of the classes of a column in the order of their numbers, as the card of a data set gives them, by column. */
export type CardClasses = Readonly<Record<string, readonly string[]>>;

const isInteger = (text: string): boolean => /^-?\d+$/.test(text);
const mostNamed = 5;

/**
 * A function that gives the name of a class for its number, its name or a list of these, as `datasets` 5.2 reads a `ClassLabel`: a text is
 * a name or, where it is none, a number; −1 stands for no class. A number beyond the names is refused, also in JSON and Parquet, where
 * `datasets` lets it pass.
 */
function namesOf(column: string, classes: CardClasses): (value: unknown, place: string) => unknown {
  const names = classes[column]!;
  const nameOf = (value: unknown, place: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => nameOf(each, place));
    if (value === null || value === undefined) return null;
    const text = cellOf(value);
    if (typeof value === 'string' && names.includes(text)) return text;
    if (text === '' || text === '-1') return null;
    const name = isInteger(text) ? names[Number(text)] : undefined;
    if (name !== undefined) return name;
    const some = names.length > mostNamed ? [...names.slice(0, mostNamed), '...'] : names;
    throw new DatasetError(
      `${place}: ${column} has ${JSON.stringify(text)}, which is none of the classes in README.md (${some.join(', ')}): ` +
        'correct one of them, or leave README.md out',
    );
  };
  return nameOf;
}

/** Objects with names for numbers of classes. @throws DatasetError, with the line, for what is no class */
export function classesInObjects(lines: readonly JsonLine[], classes: CardClasses): JsonLine[] {
  const named = Object.keys(classes).map((column) => [column, namesOf(column, classes)] as const);
  return lines.map(({ row, place }) => {
    const own = named.filter(([column]) => Object.hasOwn(row, column));
    return { row: { ...row, ...Object.fromEntries(own.map(([name, of]) => [name, of(row[name], place)])) }, place };
  });
}

/** The same of a table with types, whose own names of classes stay. */
export function classesInTyped(table: TypedTable, classes: CardClasses): TypedTable {
  const columns = table.columns.map(({ name, values }) => {
    if (!Object.hasOwn(classes, name)) return { name, values };
    const nameOf = namesOf(name, classes);
    return { name, values: Array.from(values, (value, row) => nameOf(value, placeIn(table, row))) };
  });
  return { ...table, columns };
}

/** The same of a table of texts: a column of integers has numbers, whatever the names are. */
export function classesInCells(table: Table, classes: CardClasses): Table {
  const named = [...table.header.entries()].filter(([, name]) => Object.hasOwn(classes, name));
  if (named.length === 0) return table;
  const readers = named.map(([at, name]) => {
    const areNumbers = table.rows.every(({ cells }) => cells[at] === '' || isInteger(cells[at]!));
    const nameOf = namesOf(name, classes);
    const read = (cell: string, place: string): unknown =>
      nameOf(areNumbers && cell !== '' ? Number(cell) : cell, place);
    return [at, read] as const;
  });
  const rows = table.rows.map(({ cells, place }) => {
    const own = [...cells];
    for (const [at, read] of readers) own[at] = cellOf(read(cells[at]!, place));
    return { cells: own, place };
  });
  return { ...table, rows };
}
