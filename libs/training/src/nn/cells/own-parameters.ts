import { sumOfRows } from '../../functional/linear';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellWeights } from './cell';

type Own = NonNullable<CellWeights['own']>;

/** A cell's own parameters side by side, in their order, as kernels take them: [lane, 1, blocks·hidden of all]. */
export function joinOwn({ own: parameters }: Cell, own: CellWeights['own']): Tensor | undefined {
  if (!parameters || !own) return undefined;
  const all = parameters.map(({ name }) => own[name]!);
  return all.length > 1 ? tf.concat(all, 2) : all[0];
}

/** The reverse of `joinOwn`. */
export function splitOwn({ own: parameters }: Cell, joined: Tensor | undefined): Own | undefined {
  if (!parameters || !joined) return undefined;
  const blocks = parameters.reduce((sum, each) => sum + each.blocks, 0);
  const hidden = joined.shape[2]! / blocks;
  const parts = tf.split(
    joined,
    parameters.map((each) => each.blocks * hidden),
    2,
  );
  return Object.fromEntries(parameters.map(({ name }, index) => [name, parts[index]!]));
}

/** A parameter [lane, 1, width] for all steps at once, [lane, 1, 1, width]. */
export const overSteps = (parameter: Tensor): Tensor => tf.expandDims(parameter, 1);

/** The gradient of such a parameter: [lane, time, batch, width] → [lane, 1, width]. */
export function sumOfSteps(x: Tensor): Tensor {
  const [lanes, steps, batch, width] = x.shape as [number, number, number, number];
  return sumOfRows(tf.reshape(x, [lanes, steps * batch, width]));
}
