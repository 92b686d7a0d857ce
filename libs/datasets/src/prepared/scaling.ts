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

type Frames = readonly (readonly ArrayLike<number>[])[];

/**
 * The mean and standard deviation of each number of a step, over the first `maximumSteps` steps of the sequences in `learned`; a constant
 * one keeps the scale 1.
 */
export function frameScaling(
  frames: Frames,
  learned: ArrayLike<number>,
  { maximumSteps }: { maximumSteps: number },
): Scaling {
  const width = frames[0]?.[0]?.length ?? 0;
  const over = (each: (value: number, place: number) => number): number[] => {
    const sums = new Float64Array(width);
    let steps = 0;
    for (let index = 0; index < learned.length; index++) {
      const sequence = frames[learned[index]!]!;
      const length = Math.min(sequence.length, maximumSteps);
      for (let step = 0; step < length; step++)
        for (let place = 0; place < width; place++) sums[place]! += each(sequence[step]![place]!, place);
      steps += length;
    }
    return Array.from(sums, (sum) => sum / Math.max(1, steps));
  };
  const shift = over((value) => value);
  const scale = over((value, place) => (value - shift[place]!) ** 2).map((variance) => Math.sqrt(variance) || 1);
  return { shift, scale };
}
