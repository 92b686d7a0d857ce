import type { Scaling } from './data';

/** Values that differ by less, in relation to the largest, are equal but for rounding. */
const rounding = 8 * Number.EPSILON;

/**
 * Whether values between these are all the same. Their variance does not say so: the mean of ten times 0.1 is not 0.1, and a deviation of
 * 1e-17 would make of the first other value a number without bounds.
 */
const isOne = (least: number, most: number): boolean =>
  most - least <= rounding * Math.max(Math.abs(least), Math.abs(most));

/** Whether all values are the same. */
export function isConstant(values: readonly number[]): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return values.length === 0 || isOne(least, most);
}

/** The mean and standard deviation of each column; a constant column keeps the scale 1. */
export function standardScaling(columns: readonly (readonly number[])[]): Scaling {
  const shift = columns.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const scale = columns.map((values, column) =>
    isConstant(values)
      ? 1
      : Math.sqrt(values.reduce((sum, value) => sum + (value - shift[column]!) ** 2, 0) / values.length),
  );
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
  const [least, most] = [new Float64Array(width).fill(Infinity), new Float64Array(width).fill(-Infinity)];
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
  const shift = over((value, place) => {
    least[place] = Math.min(least[place]!, value);
    most[place] = Math.max(most[place]!, value);
    return value;
  });
  const variances = over((value, place) => (value - shift[place]!) ** 2);
  return {
    shift,
    scale: variances.map((variance, place) => (isOne(least[place]!, most[place]!) ? 1 : Math.sqrt(variance) || 1)),
  };
}
