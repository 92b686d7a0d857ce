import type { Points } from '@unroll/contracts';
import { mark } from '../format/number';

/** The place of values on a logarithmic axis that has none for them, such as 0 beside a range. */
export interface BelowLog {
  /** A power of ten, a decade below all values that have a place. */
  at: number;
  /** The least of the values that stand there. */
  least: number;
  text: string;
}

/** Where values of a parameter that are not above 0 stand on its axis; null where it is not logarithmic, or has none. */
export function belowLog({ parameters, items }: Points, index: number): BelowLog | null {
  if (parameters[index]?.scale !== 'log') return null;
  const values = items.flatMap(({ at }) => (typeof at[index] === 'number' ? [at[index]] : []));
  const below = [...new Set(values.filter((value) => value <= 0))];
  if (below.length === 0) return null;
  const first = values.reduce((least, value) => (value > 0 ? Math.min(least, value) : least), Infinity);
  const at = Number.isFinite(first) ? Number(`1e${Math.floor(Math.log10(first)) - 1}`) : 1;
  return { at, least: Math.min(...below), text: below.length === 1 ? mark(below[0]) : '≤ 0' };
}

/** A value, or its place on the axis if it has none of its own. */
export const onAxis = (value: unknown, below: BelowLog | null): unknown =>
  below && typeof value === 'number' && value <= 0 ? below.at : value;

/** The label of a tick. */
export const tickText = (value: number, below: BelowLog | null): string =>
  below && value < 2 * below.at ? below.text : mark(value);
