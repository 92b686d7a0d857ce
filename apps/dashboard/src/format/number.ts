import type { Measure } from '@unroll/contracts';

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Placeholder for a missing number. */
export const none = '–';

/** From here on, and below the other, numbers have an exponent. */
const [large, small] = [1e9, 1e-3];

/** A measured number with at least 4 significant digits, and an exponent only for very small or large values. */
export function number(measured: Measure | null | undefined, digits = 4): string {
  const value = Number(measured ?? NaN);
  if (Number.isNaN(value)) return none;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size < large && (Number.isInteger(value) || size >= 10 ** (digits - 1))) return count(value);
  if (size >= small && size < large) return minus(value.toPrecision(digits));
  return exponential(value, digits);
}

/**
 * How numbers of one column are shown: all with an exponent if one is too small or large to be shown without, since a column that mixes
 * both is hard to compare.
 */
export function alike(values: readonly unknown[]): (value: Measure | null | undefined) => string {
  const extreme = values.some((value) => {
    const size = Math.abs(Number(value));
    return (
      typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(size) && (size < small || size >= large)
    );
  });
  if (!extreme) return (value) => number(value);
  return (value) => {
    const size = Number(value ?? NaN);
    return Number.isFinite(size) && size !== 0 ? exponential(size, 4) : number(value);
  };
}

function exponential(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  return minus(`${mantissa}e${exponent.replace('+', '')}`);
}

const minus = (text: string): string => text.replaceAll('-', '−');

/** Without trailing zeros. */
const short = (text: string): string =>
  text.replace(/\.(\d*?)0*(?=e|$)/, (_, digits: string) => (digits ? `.${digits}` : ''));

/** An axis tick label: 3 significant digits without trailing zeros, and an exponent from a million on. */
export function mark(value: number | null | undefined): string {
  const rounded = value === null || value === undefined ? value : Number(value.toPrecision(3));
  const isLarge = typeof rounded === 'number' && Number.isFinite(rounded) && Math.abs(rounded) >= 1e6;
  return short(isLarge ? exponential(rounded, 3) : number(rounded, 3));
}

/** A setting: a number that somebody wrote is shown as they would write it, without trailing zeros. */
export const setting = (value: number): string => short(number(value));

/** `1 trial`, `2 trials`. */
export const counted = (amount: number, what: string): string => `${count(amount)} ${what}${amount === 1 ? '' : 's'}`;

/** An integer with thousands separators. */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? none : minus(grouped.format(value));
}

/** A share as a percentage that shows 0 % and 100 % only for exactly those. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return none;
  const value = share * 100;
  if (value > 0 && value < 1) return '< 1 %';
  if (value > 99 && value < 100) return '> 99 %';
  return `${Math.round(value)} %`;
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes, with decimal units. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return none;
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  // What rounds to 1000 of a unit is 1 of the next.
  if (scaled >= 999.5 && power < units.length - 1) return `1.00 ${units[power + 1]}`;
  return `${power === 0 || scaled >= 999.5 ? Math.round(scaled) : scaled.toPrecision(3)} ${units[power]}`;
}
