import type { Scaling } from './data';

/** The mean and standard deviation of each column; a constant column keeps the scale 1. */
export function standardScaling(columns: readonly (readonly number[])[]): Scaling {
  const shift = columns.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const scale = columns.map((values, column) => {
    const variance = values.reduce((sum, value) => sum + (value - shift[column]!) ** 2, 0) / values.length;
    return variance > 0 ? Math.sqrt(variance) : 1;
  });
  return { shift, scale };
}
