import { DatasetError } from '../prepared/data';
import type { CsvRow, KnownNumbers } from '../source/csv';
import type { IsMissing } from './missing';
import { chooseFormat, describeFormat, isNumeric, parseNumber, requireOneUnit, type NumberFormat } from './numbers';

export interface NumberColumn {
  index: number;
  /** In the order of the file; NaN where missing. */
  values: Float64Array;
  /** The decimal mark, where the numbers show it. */
  decimal: '.' | ',' | undefined;
  /** How its numbers are written, where that is not the usual way. */
  note: string | undefined;
}

/** A column that is not read, and why. */
export interface LeftOut {
  index: number;
  why: string;
}

interface Asked {
  isMissing: IsMissing;
  /** Whether a number means missing. */
  isNone?: ((value: number) => boolean) | undefined;
  /** The decimal mark, if a person gave it. */
  decimal: '.' | ',' | undefined;
  /** That of other data of the same kind, for marks that could mean either. */
  knownDecimal?: '.' | ',' | undefined;
  /** What separates the columns. Where it is no comma, one in a number is more often a decimal mark. */
  separator?: string | undefined;
  /** By column, the numbers of those that are not to be recognised. */
  known?: KnownNumbers | undefined;
  nameOf: (column: number) => string;
}

/**
 * Reads the columns of a table whose values are mostly numbers, in any usual writing: $1,002.75, 1.002,75, (5), 1%, 3K. What one column
 * says about the decimal mark counts for those that could mean either.
 * @throws DatasetError for a value that is no number, with its line, or a mark that could mean either
 */
export function numberColumns(
  rows: readonly CsvRow[],
  columns: readonly number[],
  asked: Asked,
): { numbers: NumberColumn[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const found = columns.flatMap((index) => {
    const written = rows.map(({ cells }) => cells[index]!).filter((cell) => !asked.isMissing(cell));
    if (asked.known?.[index] && written.length > 0)
      return [{ index, numeric: [], unit: undefined, verdict: undefined }];
    if (written.length > 0 && written.every(isTruth))
      return [{ index, numeric: [], unit: undefined, verdict: undefined }];
    const unit = commonUnit(written);
    const there = unit === undefined ? written : written.map((cell) => cell.slice(0, -unit.length).trim());
    const numeric = there.filter(isNumeric);
    if (there.length === 0) leftOut.push({ index, why: 'empty' });
    else if (2 * numeric.length < there.length || numeric.length === 0)
      leftOut.push({
        index,
        why: `text, such as ${JSON.stringify(there.find((cell) => !isNumeric(cell))!.slice(0, 30))}`,
      });
    else return [{ index, numeric, unit, verdict: verdictOn(numeric, asked) }];
    return [];
  });
  const marksThat = (are: 'isCertain' | 'isLikely') =>
    new Set(
      found.flatMap(({ verdict }) => (typeof verdict === 'object' && verdict[are] ? [verdict.format.decimal] : [])),
    );
  const [certain, likely] = [marksThat('isCertain'), marksThat('isLikely')];
  const told = certain.size === 1 ? [...certain][0] : asked.knownDecimal;
  const common = asked.decimal ?? told ?? (certain.size === 0 && likely.size === 1 ? [...likely][0] : undefined);
  const numbers = found.map(({ index, numeric, unit, verdict }): NumberColumn => {
    const own = asked.known?.[index];
    if (own) return knownColumn(rows, index, own, asked);
    if (numeric.length === 0) return truthColumn(rows, index, asked);
    const format = settled(numeric, verdict, common);
    const name = asked.nameOf(index);
    if (format === 'ambiguous')
      throw new DatasetError(
        `${name} has numbers such as ${numeric.find((cell) => cell.includes(','))}, where the comma may be a decimal mark or ` +
          `one of thousands: set dataset.decimal to "," or "."`,
        'dataset.decimal',
      );
    requireOneUnit(numeric, name, (cell) => rows.find(({ cells }) => cells[index] === cell)?.place);
    const values = valuesOf(rows, index, format, { ...asked, unit });
    const notes = [format && describeFormat(numeric, format), unit && `unit ${unit}`].filter(
      (each) => each !== undefined,
    );
    const decimal = numeric.some((cell) => /[.,]/.test(cell)) ? format?.decimal : undefined;
    return { index, values, decimal, note: notes.length > 0 ? notes.join(', ') : undefined };
  });
  return { numbers, leftOut };
}

/** What is likely by its groups alone is not, where columns are separated by semicolons, as where numbers have decimal commas. */
function verdictOn(numeric: readonly string[], { decimal, separator }: Asked): Verdict {
  const verdict = chooseFormat(numeric, decimal);
  return typeof verdict === 'object' && verdict.isLikely && separator === ';' ? 'ambiguous' : verdict;
}

/** Truth values, as Parquet has them and pandas writes them. */
const isTruth = (cell: string): boolean => /^(true|false)$/i.test(cell);

const truthColumn = (rows: readonly CsvRow[], index: number, { isMissing }: Asked): NumberColumn => ({
  index,
  values: Float64Array.from(rows, ({ cells }) =>
    isMissing(cells[index]!) ? NaN : Number(/^true$/i.test(cells[index]!)),
  ),
  decimal: undefined,
  note: 'true is 1, false is 0',
});

/** @throws DatasetError, with the line, for an infinite value */
function knownColumn(
  rows: readonly CsvRow[],
  index: number,
  own: Float64Array,
  { isMissing, isNone = () => false, nameOf }: Asked,
): NumberColumn {
  const values = own.map((value, row) => (isMissing(rows[row]!.cells[index]!) || isNone(value) ? NaN : value));
  const row = values.findIndex((value) => Math.abs(value) === Infinity);
  if (row >= 0) throw notNumber(rows[row]!, index, { nameOf, why: ', but other rows have numbers' });
  const hasFraction = values.some((value) => !Number.isNaN(value) && !Number.isInteger(value));
  return { index, values, decimal: hasFraction ? '.' : undefined, note: undefined };
}

const notNumber = (
  { cells, place }: CsvRow,
  index: number,
  { nameOf, why }: Pick<Asked, 'nameOf'> & { why: string },
): DatasetError =>
  new DatasetError(
    `${place}: ${nameOf(index)} is ${JSON.stringify(cells[index])}${why}; correct it, leave it empty, or name it in dataset.missing.values`,
    'dataset.missing',
  );

/** What follows the number in every cell: °C, kWh; undefined if that differs, or if the cells are numbers without it. */
function commonUnit(cells: readonly string[]): string | undefined {
  const [first] = cells;
  if (first === undefined || isNumeric(first)) return undefined;
  const unit = /\d\s*((?:[°µΩ]|\p{L})[\p{L}°µ²³/·]*)$/u.exec(first)?.[1];
  const hasUnit = (cell: string): boolean => cell.endsWith(unit!) && isNumeric(cell.slice(0, -unit!.length).trim());
  return unit !== undefined && cells.every(hasUnit) ? unit : undefined;
}

type Verdict = ReturnType<typeof chooseFormat>;

function settled(
  numeric: readonly string[],
  verdict: Verdict,
  common: '.' | ',' | undefined,
): NumberFormat | 'ambiguous' | undefined {
  if (typeof verdict === 'object' && (verdict.isCertain || common === undefined)) return verdict.format;
  if (common === undefined) return verdict === 'ambiguous' ? verdict : undefined;
  const again = chooseFormat(numeric, common);
  if (typeof again === 'object') return again.format;
  return typeof verdict === 'object' ? verdict.format : verdict;
}

/** @throws DatasetError, with the line, for a cell that is neither a number nor missing */
function valuesOf(
  rows: readonly CsvRow[],
  index: number,
  format: NumberFormat | undefined,
  { isMissing, isNone = () => false, nameOf, decimal, unit = '' }: Asked & { unit?: string | undefined },
): Float64Array {
  const usual = format ?? { decimal: decimal ?? '.', thousands: undefined };
  return Float64Array.from(rows, (row) => {
    const cell = row.cells[index]!;
    if (isMissing(cell)) return NaN;
    const value = parseNumber(cell.slice(0, cell.length - unit.length).trim(), usual);
    if (Number.isFinite(value)) return isNone(value) ? NaN : value;
    const how = isNumeric(cell)
      ? ', which is written in another way than other numbers'
      : ', but other rows have numbers';
    throw notNumber(row, index, { nameOf, why: how });
  });
}
