/** Share of the values that a clipped axis shows. */
const shownShare = 0.9;
/** Times the shown range that the whole range must be for the axis to be clipped. */
const flattening = 3;

/**
 * The range of a linear axis that a few outliers would otherwise flatten: from the 5 % to the 95 % quantile, where the whole range is three
 * times as wide. Null if no outlier does.
 */
export function clippedRange(
  values: readonly (number | null)[],
): { low: number; high: number; outside: number } | null {
  const sorted = values
    .filter((value): value is number => value !== null && Number.isFinite(value))
    .sort((a, b) => a - b);
  if (sorted.length < 20) return null;
  const cut = Math.max(1, Math.floor((sorted.length * (1 - shownShare)) / 2));
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const [low, high] = [sorted[cut]!, sorted[sorted.length - 1 - cut]!];
  const wide = high - low;
  if (wide <= 0) return null;
  // Only the end with outliers is cut.
  const [from, to] = [
    low - least > wide * (flattening - 1) ? low : least,
    most - high > wide * (flattening - 1) ? high : most,
  ];
  const outside = sorted.filter((value) => value < from || value > to).length;
  return outside === 0 ? null : { low: from, high: to, outside };
}
