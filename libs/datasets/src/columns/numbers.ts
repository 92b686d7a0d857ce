import { isPlainNumber } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';

/** How the numbers of a column are written. */
export interface NumberFormat {
  decimal: '.' | ',';
  /** Between groups of three digits; undefined for none. */
  thousands: string | undefined;
}

/** A cell without what surrounds its digits. */
interface Cell {
  digits: string;
  isNegative: boolean;
  factor: number;
  power: string;
}

const codes = 'USD|EUR|GBP|JPY|CNY|INR|CHF|SEK|NOK|DKK|PLN|CZK|AUD|CAD|NZD|BRL|ZAR|RUB';
const currency = String.raw`(?:[A-Z]{2,3})?\p{Sc}|${codes}|kr|zł|Fr\.?|R\$`;
const group = String.raw`[.,'’ \u00a0\u2009\u202f_]`;
const written = new RegExp(
  String.raw`^(?<open>\()?\s*(?<before>[+-])?\s*(?:${currency})?\s*(?<sign>[+-])?\s*` +
    String.raw`(?<digits>\d(?:${group}?\d)*(?:[.,](?!\d))?|[.,]\d+)(?<power>e[+-]?\d+)?` +
    String.raw`(?<factor>[KMBT](?![a-z]))?\s*(?<percent>[%‰])?\s*(?:${currency})?\s*(?<after>-)?\s*(?<close>\))?$`,
  'iu',
);
const factors: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

/** The number that a text is without any format, such as -2.5e3; NaN for another, among them blank ones, 0x10 and Infinity. */
export function plainValue(text: string): number {
  const value = isPlainNumber(text.trim()) ? Number(text) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

function read(cell: string): Cell | undefined {
  const found = written.exec(cell.replaceAll(/[−‐‑–]/g, '-'))?.groups;
  if (!found || (found.open === undefined) !== (found.close === undefined)) return undefined;
  // A small m is more likely a unit than a million.
  if (/^[mbt]$/.test(found.factor ?? '')) return undefined;
  const marks = [found.before, found.sign, found.after, found.open].filter(
    (mark) => mark !== undefined && mark !== '+',
  );
  return {
    digits: found.digits!.replaceAll(/[\u00a0\u2009\u202f]/g, ' ').replaceAll('’', "'"),
    isNegative: marks.length % 2 === 1,
    factor: factors[found.factor?.toLowerCase() ?? ''] ?? 1,
    power: found.power ?? '',
  };
}

const escaped = (mark: string): string => (mark === '.' ? String.raw`\.` : mark);

/** The digits that a format can read. Groups have three digits, or two above the thousands as in India (1,00,000). */
function digitsOf({ decimal, thousands }: NumberFormat): RegExp {
  const mark = escaped(decimal);
  const between = thousands === undefined ? undefined : escaped(thousands);
  const grouped = between ? String.raw`|[1-9]\d{0,2}(${between}\d{3})+|[1-9]\d?(${between}\d\d)+${between}\d{3}` : '';
  return new RegExp(String.raw`^(\d+${grouped})(${mark}\d*)?$|^${mark}\d+$`);
}

const formats: readonly (NumberFormat & { digits: RegExp })[] = (
  [
    ['.', undefined],
    [',', undefined],
    ['.', ','],
    [',', '.'],
    ['.', "'"],
    [',', "'"],
    ['.', ' '],
    [',', ' '],
    ['.', '_'],
  ] as const
).map(([decimal, thousands]) => ({ decimal, thousands, digits: digitsOf({ decimal, thousands }) }));

/** Whether a cell is written as a number, by any format. */
export const isNumeric = (cell: string): boolean => {
  if (isPlainNumber(cell)) return true;
  const parts = read(cell);
  return parts !== undefined && formats.some(({ digits }) => digits.test(parts.digits));
};

/** What the cells of a column say about their format: those that read all of them, the simplest first. */
export function formatsOf(cells: readonly string[]): NumberFormat[] {
  let left = formats;
  let seen = new Set<string>();
  for (const cell of cells) {
    const digits = isPlainNumber(cell) && !cell.includes('.') ? undefined : read(cell)?.digits;
    if (digits === undefined) continue;
    const shape = digits.replaceAll(/\d/g, '0');
    if (seen.has(shape) && !digits.startsWith('0')) continue;
    seen = seen.add(shape);
    left = left.filter((format) => format.digits.test(digits));
    if (left.length === 0) break;
  }
  return left.map(({ decimal, thousands }) => ({ decimal, thousands }));
}

/**
 * Which format a column has: certain; likely, where nothing else says it; one of two that read 1,234 differently; or whatever the rest of
 * the table has.
 */
export type Verdict = { format: NumberFormat; isCertain: boolean; isLikely?: boolean } | 'ambiguous' | undefined;

/**
 * The format of a column's numeric cells. A point before three digits is a decimal mark unless `decimal` says otherwise; a comma is
 * likely one of thousands if numbers below 1000 have none and no larger number lacks it: 1,250 and 2 may be 1.25 and 2.
 */
export function chooseFormat(cells: readonly string[], decimal: '.' | ',' | undefined): Verdict {
  const all = formatsOf(cells);
  const able = decimal === undefined ? all : all.filter((format) => format.decimal === decimal);
  const [first] = able;
  if (!first) return undefined;
  const marked = cells.some((cell) => /[.,]/.test(cell));
  const others = able.filter((format) => format.decimal !== first.decimal);
  if (others.length === 0 || !marked) return { format: first, isCertain: marked && decimal === undefined };
  if (cells.some((cell) => cell.includes('.'))) return { format: first, isCertain: false };
  const whole = cells.filter((cell) => !cell.includes(',')).map((cell) => read(cell)?.digits ?? '');
  const grouped = able.find((format) => format.thousands === ',');
  const fraction = able.find((format) => format.decimal === ',');
  if (whole.some((digits) => digits.length > 3)) return fraction && { format: fraction, isCertain: true };
  if (whole.length > 0) return grouped && { format: grouped, isCertain: false, isLikely: true };
  return 'ambiguous';
}

/** The number in a cell; NaN if the format cannot read it. Percent and currency stay in the unit written: 1% is 1. */
export function parseNumber(cell: string, { decimal, thousands }: NumberFormat): number {
  if (decimal === '.' && isPlainNumber(cell)) return Number(cell);
  const parts = read(cell);
  if (!parts) return NaN;
  const { digits, isNegative, factor, power } = parts;
  const format = formats.find((each) => each.decimal === decimal && each.thousands === thousands)!;
  if (!format.digits.test(digits)) return NaN;
  const plain = (thousands === undefined ? digits : digits.replaceAll(thousands, '')).replace(decimal, '.');
  return (isNegative ? -1 : 1) * Number(`${plain}${power}`) * factor;
}

/** The codes of ISO 4217 that a sign or a name of a currency may mean. One with letters before it means one: US$, R$. */
const currencies: Readonly<Record<string, readonly string[]>> = {
  $: ['USD', 'AUD', 'CAD', 'NZD'],
  US$: ['USD'],
  AU$: ['AUD'],
  CA$: ['CAD'],
  NZ$: ['NZD'],
  R$: ['BRL'],
  '€': ['EUR'],
  '£': ['GBP'],
  '¥': ['JPY', 'CNY'],
  'JP¥': ['JPY'],
  'CN¥': ['CNY'],
  '₹': ['INR'],
  '₽': ['RUB'],
  KR: ['SEK', 'NOK', 'DKK'],
  ZŁ: ['PLN'],
  FR: ['CHF'],
};
const currencyCode = new RegExp(codes, 'iu');
const currencySign = /[A-Z]{0,3}\p{Sc}|kr|zł|Fr/iu;

/** What the unit of a cell may be, by its code or else its sign; undefined for none. */
function currenciesOf(cell: string): readonly string[] | undefined {
  const found = (currencyCode.exec(cell) ?? currencySign.exec(cell))?.[0].toUpperCase();
  return found === undefined ? undefined : (currencies[found] ?? [found]);
}

function percentOf(cell: string): readonly string[] | undefined {
  const found = /[%‰]/.exec(cell);
  return found ? [found[0]] : undefined;
}

/**
 * Of cells that are numbers, one whose unit is not that of the first that has one: € among $; or that has none among percents, but for 0.
 * Undefined where all may be in one unit, as $5 and USD 6, or kr 5 and SEK 6.
 */
function otherUnit(cells: readonly string[]): { cell: string; first: string } | undefined {
  for (const unitsOf of [percentOf, currenciesOf]) {
    let first = cells.find((cell) => unitsOf(cell) !== undefined);
    if (first === undefined) continue;
    let left = unitsOf(first)!;
    for (const cell of cells) {
      const units = unitsOf(cell);
      if (units === undefined && (unitsOf === currenciesOf || !/[1-9]/.test(cell))) continue;
      const both = left.filter((unit) => units?.includes(unit));
      if (both.length === 0) return { cell, first };
      if (both.length < left.length) first = cell;
      left = both;
    }
  }
  return undefined;
}

/**
 * @param called what the cells are, for the message
 * @throws DatasetError, with the place of a row, for numbers in two units, of which one would be wrong by a factor
 */
export function requireOneUnit(
  cells: readonly string[],
  called: string,
  placeOf: (cell: string) => string | undefined,
): void {
  const other = otherUnit(cells);
  if (other)
    throw new DatasetError(
      `${placeOf(other.cell)}: ${called} is ${JSON.stringify(other.cell)}, but other rows are as ${JSON.stringify(other.first)}: ` +
        'write all in one unit',
    );
}

const markNames: Readonly<Record<string, string>> = {
  ',': 'comma',
  '.': 'point',
  "'": 'apostrophe',
  ' ': 'space',
  _: 'underscore',
};

/** How a format is written, where it is not the usual one; undefined if it is. */
export function describeFormat(cells: readonly string[], { decimal, thousands }: NumberFormat): string | undefined {
  const used = (mark: string | undefined): boolean => mark !== undefined && cells.some((cell) => cell.includes(mark));
  const parts = [
    ...(decimal === ',' && used(',') ? ['decimal comma'] : []),
    ...(used(thousands) ? [`thousands by ${markNames[thousands!]}`] : []),
    ...(cells.some((cell) => /[%‰]/.test(cell)) ? ['in percent'] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}
