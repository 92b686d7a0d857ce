import { plainValue } from './numbers';

/** Cells that mean missing in the files of spreadsheets, pandas, R and SQL. */
const words =
  /^(|na|n\/a|n\.a\.|<na>|nan|-nan|null|nil|none|missing|\\n|\(null\)|<null>|n\.d\.|k\.a\.|:|-+|–|—|\?|\.{1,3}|#n\/a( n\/a)?|#na|#value!|#div\/0!|#ref!|#num!)$/i;

export type IsMissing = (cell: string) => boolean;

/** Whether a cell is missing: by a usual word, or one of `values`, which are compared as numbers where both are. */
export function missingCells(values: readonly (string | number)[]): IsMissing {
  const texts = new Set(values.map((value) => String(value).trim().toLowerCase()));
  const isListed = missingNumbers(values);
  if (values.length === 0) return (cell) => words.test(cell);
  return (cell) => words.test(cell) || texts.has(cell.toLowerCase()) || isListed(plainValue(cell));
}

/** The same of a number, however it is written: −9999,0 in a column with decimal commas. */
export function missingNumbers(values: readonly (string | number)[]): (value: number) => boolean {
  const numbers = new Set(values.map((value) => plainValue(String(value))));
  return (value) => !Number.isNaN(value) && numbers.has(value);
}

/** A value that may stand for missing. */
export interface Sentinel {
  value: number;
  count: number;
  /** The range of all other values. */
  least: number;
  most: number;
}

/**
 * Values that occur several times, further from all others than these are from each other: −9999 among temperatures. There may be two of
 * them, on one side or on both.
 */
export function sentinelsIn(column: Float64Array): Sentinel[] {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length < 5) return [];
  const without = (rest: Float64Array, value: number | undefined): Float64Array =>
    rest.filter((each) => each !== value);
  const outer = [sorted[0]!, sorted.at(-1)!];
  const pairs = outer.flatMap((value) => {
    const rest = without(sorted, value);
    return [
      [value, rest[0]!],
      [value, rest.at(-1)!],
    ];
  });
  for (const values of [...pairs, ...outer.map((value) => [value])]) {
    const rest = values.reduce(without, sorted);
    const found = values.flatMap((value) => suspect(value, sorted, rest) ?? []);
    if (found.length === values.length) return found;
  }
  return [];
}

function suspect(value: number, sorted: Float64Array, rest: Float64Array): Sentinel | undefined {
  const [least, most] = [rest[0], rest.at(-1)];
  const count = sorted.lastIndexOf(value) - sorted.indexOf(value) + 1;
  if (least === undefined || most === undefined || count < 2 || rest.length < 3) return undefined;
  const distance = value < least ? least - value : value - most;
  // Real extremes rarely repeat exactly, and seldom leave such a gap; most such values are made of nines.
  const isUsual = count > 2 || /^-?(9+|1)(\.\d+)?$/.test(String(value));
  return isUsual && distance > 2 * (most - least) && most > least ? { value, count, least, most } : undefined;
}
