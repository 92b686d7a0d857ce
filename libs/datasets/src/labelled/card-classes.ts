import { DatasetError } from '../prepared/data';
import type { Table } from '../source/csv';
import type { JsonLine } from '../source/json-lines';
import { cellOf, placeIn, type TypedTable } from '../tables/typed-table';

/** The names of the classes of a column in the order of their numbers, as the card of a data set gives them, by column. */
export type CardClasses = Readonly<Record<string, readonly string[]>>;

const isInteger = (text: string): boolean => /^-?\d+$/.test(text);
/** As pandas writes numbers, those of a column with missing values among them: 1.0. */
const isNumeric = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);
const isTruth = (text: string): boolean => /^(true|false)$/i.test(text);
const mostNamed = 5;

/**
 * A function that gives the name of a class for its number, its name or a list of these, as `datasets` 5.2 reads a `ClassLabel`: a text is
 * a name or, where it is none, a whole number; a truth value is 0 or 1; −1 stands for no class. A number beyond the names is refused, also
 * in JSON and Parquet, where `datasets` lets it pass.
 */
function namesOf(column: string, classes: CardClasses): (value: unknown, place: string) => unknown {
  const names = classes[column]!;
  const nameOf = (value: unknown, place: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => nameOf(each, place));
    if (value === null || value === undefined) return null;
    const text = cellOf(value);
    if (typeof value === 'string' && names.includes(text)) return text;
    if (text === '' || text === '-1') return null;
    const isNumber = typeof value === 'boolean' || isInteger(text);
    const name = isNumber ? names[Number(value)] : undefined;
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

/**
 * The same of a table with types. Where the file itself names the classes of a column, its numbers count and the card renames them, as
 * `datasets` has it.
 * @throws DatasetError also where the two give one name to different numbers: then one of them has the wrong order
 */
export function classesInTyped(table: TypedTable, classes: CardClasses): TypedTable {
  const columns = table.columns.map((column) => {
    const { name, values, classes: own } = column;
    if (!Object.hasOwn(classes, name)) return column;
    if (own) requireSameOrder(name, own, classes[name]!);
    const nameOf = namesOf(name, classes);
    const numberOf = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(numberOf);
      const at = own?.indexOf(value as string) ?? -1;
      return at < 0 ? value : at;
    };
    return { name, values: Array.from(values, (value, row) => nameOf(numberOf(value), placeIn(table, row))) };
  });
  return { ...table, columns };
}

/** @throws DatasetError for a name that stands for different numbers */
function requireSameOrder(column: string, own: readonly string[], named: readonly string[]): void {
  const moved = own.find((name, at) => ![at, -1].includes(named.indexOf(name)));
  if (moved !== undefined)
    throw new DatasetError(
      `${column}: ${JSON.stringify(moved)} is class ${own.indexOf(moved)} by the file itself, but class ${named.indexOf(moved)} by README.md: ` +
        'correct one of them',
    );
}

/** The same of a table of texts: a column of numbers has those of classes, whatever the names are. */
export function classesInCells(table: Table, classes: CardClasses): Table {
  const named = [...table.header.entries()].filter(([, name]) => Object.hasOwn(classes, name));
  if (named.length === 0) return table;
  const readers = named.map(([at, name]) => {
    const cells = table.rows.map((row) => row.cells[at]!).filter((cell) => cell !== '');
    const nameOf = namesOf(name, classes);
    const valueOf = typeIn(cells, classes[name]!);
    const read = (cell: string, place: string): unknown => nameOf(cell === '' ? null : valueOf(cell), place);
    return [at, read] as const;
  });
  const rows = table.rows.map(({ cells, place }) => {
    const own = [...cells];
    for (const [at, read] of readers) own[at] = cellOf(read(cells[at]!, place));
    return { cells: own, place };
  });
  return { ...table, rows };
}

/** How a column of texts is read: as numbers or truth values, where all are such, or as they are. */
function typeIn(cells: readonly string[], names: readonly string[]): (cell: string) => unknown {
  if (cells.every(isNumeric)) return Number;
  const areTruths = cells.every((cell) => isTruth(cell) && !names.includes(cell));
  return areTruths ? (cell) => cell.toLowerCase() === 'true' : (cell) => cell;
}
