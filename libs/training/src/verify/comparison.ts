import type { Precision } from '@unroll/contracts';

/** How one case of a table compares on one code path. */
export interface Verification {
  case: string;
  /** Which implementation of the recurrent layer ran. */
  path: string;
  /** The largest relative error ‖ours − theirs‖ / ‖theirs‖ (Euclidean) over all quantities. */
  error: number;
  /** The quantity with that error. */
  worst: string;
  tolerance: number;
  /** The least error that it has to have; undefined for float32. */
  least?: number;
  passed: boolean;
}

/** The errors that are allowed, and those that are expected at least. */
export interface Bounds {
  tolerance: number;
  least?: number;
}

/**
 * The bounds of each precision. Rounding to 8 bits moves each operand by up to 2⁻⁹ of it, 2e-3, at random, to 11 bits by an eighth of that:
 * sums of many are nearer, gradients through a sequence less near. What is as near as float32 was computed in float32.
 */
export const boundsOf = {
  float32: { tolerance: 1e-5 },
  bfloat16: { tolerance: 3e-2, least: 1e-4 },
  float16: { tolerance: 4e-3, least: 1e-5 },
} as const satisfies Record<Precision, Bounds>;

/** Numbers as JSON has them, nested or not. */
export type Nested = number | readonly Nested[];

/** The numbers of a nested list, row by row. */
export const flat = (nested: Nested): number[] =>
  typeof nested === 'number' ? [nested] : (nested as Nested[]).flatMap((each) => flat(each));

/** ‖ours − theirs‖ / ‖theirs‖; where theirs is all 0, ‖ours‖. Infinity where the lengths differ, NaN where a value is NaN. */
export function relativeError(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  let [difference, size] = [0, 0];
  for (let index = 0; index < theirs.length; index++) {
    difference += (ours[index]! - theirs[index]!) ** 2;
    size += theirs[index]! ** 2;
  }
  return size === 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
}

/** The worst of a case's quantities. A NaN is worse than all. */
export function judge(
  name: string,
  path: string,
  { tolerance, least = 0 }: Bounds,
  errors: ReadonlyMap<string, number>,
): Verification {
  const rank = (error: number): number => (Number.isNaN(error) ? Infinity : error);
  const [worst, error] = [...errors].reduce((a, b) => (rank(b[1]) > rank(a[1]) ? b : a));
  const passed = error <= tolerance && error >= least;
  return { case: name, path, error, worst, tolerance, ...(least > 0 ? { least } : {}), passed };
}
