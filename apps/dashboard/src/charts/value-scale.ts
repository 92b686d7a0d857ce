/** Ratio of the largest to the smallest value above which a linear axis would flatten most of them. */
const wide = 100;

/** The scale for an axis of values: logarithmic if they are positive and span powers of ten. */
export function valueScale(values: readonly number[]): 'value' | 'log' {
  const smallest = values.reduce((a, b) => Math.min(a, b), Infinity);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return smallest > 0 && largest / smallest > wide ? 'log' : 'value';
}
