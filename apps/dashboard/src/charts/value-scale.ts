/** How many times larger the largest value is than the smallest before a linear axis would press most of them flat. */
const wide = 100;

/** The axis that shows values apart: logarithmic where they span powers of ten. */
export function valueScale(values: readonly number[]): 'value' | 'log' {
  const smallest = values.reduce((a, b) => Math.min(a, b), Infinity);
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return smallest > 0 && largest / smallest > wide ? 'log' : 'value';
}
