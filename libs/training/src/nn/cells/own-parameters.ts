import { sumOfRows } from '../../functional/linear';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellWeights } from './cell';

/** A cell's own parameters by name, from those in their order. */
export const ownByName = ({ own = [] }: Cell, parameters: readonly Tensor[]): NonNullable<CellWeights['own']> =>
  Object.fromEntries(own.map(({ name }, index) => [name, parameters[index]!]));

/** A parameter [lane, 1, width] for all steps at once, [lane, 1, 1, width]. */
export const overSteps = (parameter: Tensor): Tensor => tf.expandDims(parameter, 1);

/** The gradient of such a parameter: [lane, time, batch, width] → [lane, 1, width]. */
export function sumOfSteps(x: Tensor): Tensor {
  const [lanes, steps, batch, width] = x.shape as [number, number, number, number];
  return sumOfRows(tf.reshape(x, [lanes, steps * batch, width]));
}
