/*
 * Statistics of values that may be any finite double. Sums, differences and squares of such values need not be one: they are computed in a
 * unit of the values' own magnitude. It is a power of two, which changes no bit of others.
 */

/** The exponents of two of normal doubles. */
const exponents = { least: -1022, most: 1023 };

/** A power of two of which the largest of the finite values is a small multiple; 1 if there is none but 0. */
export function unitOf(values: readonly number[]): number {
  const largest = values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  if (largest === 0) return 1;
  return 2 ** Math.min(exponents.most, Math.max(exponents.least, Math.floor(Math.log2(largest))));
}

/** The value of a multiple of a unit; what is too large for a double is the largest one. */
export function inUnit(multiple: number, unit: number): number {
  const value = multiple * unit;
  return Number.isFinite(multiple) ? Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)) : value;
}

/** The mean of values, which is finite if all of them are; NaN of none. */
export function meanOf(values: readonly number[]): number {
  const sum = (of: readonly number[]): number => of.reduce((total, value) => total + value, 0);
  const whole = sum(values);
  if (Number.isFinite(whole) || !values.every(Number.isFinite)) return whole / values.length;
  const unit = unitOf(values);
  return inUnit(sum(values.map((value) => value / unit)) / values.length, unit);
}

/** The sum of squared deviations from the mean, in squares of the unit that it was computed in, beside the mean in that unit. */
export function momentsOf(values: readonly number[]): { unit: number; mean: number; squares: number } {
  const unit = unitOf(values);
  const scaled = values.map((value) => value / unit);
  const mean = meanOf(scaled);
  return { unit, mean, squares: scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
}

/** Differences of pairs, as multiples of `unit`: 1, or 2 where one of them is too large for a double. Equal infinities differ by 0. */
export function differencesOf(pairs: readonly (readonly [number, number])[]): { unit: 1 | 2; values: number[] } {
  const within = (unit: 1 | 2): number[] =>
    pairs.map(([one, other]) => (one === other ? 0 : one / unit - other / unit));
  const values = within(1);
  const overflows = values.some((value, index) => !Number.isFinite(value) && pairs[index]!.every(Number.isFinite));
  return overflows ? { unit: 2, values: within(2) } : { unit: 1, values };
}

/** The number at a share of the way from one to another. */
export function between(from: number, to: number, share: number): number {
  const way = to - from;
  return Number.isFinite(way) ? from + way * share : from * (1 - share) + to * share;
}
