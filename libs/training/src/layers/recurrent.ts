import type { Cell } from '../cells/cell';
import { differentiable } from '../engines/differentiable';
import { tf, type Tensor } from '../engines/tfjs';
import { recurrentGradientKernel, recurrentKernel } from './recurrent-kernels';
import { prepared, unrolled, wideMask, type RecurrentInputs, type RecurrentResult } from './unrolled';

export interface RecurrentOptions {
  /** Read from the last step to the first. */
  reverse: boolean;
  /** Keep what a gradient needs. Without it, differentiating the result throws. */
  training: boolean;
  /** Compute all steps at once where the cell can, as one that carries no state always does. */
  parallelScan?: boolean | undefined;
}

/**
 * One recurrent layer in one direction over a whole sequence, all lanes at once; differentiable in everything but `valid`.
 * A step that does not count leaves the state as it is, which gives PyTorch's packed sequences: the final state is that at
 * the last valid step, and the reverse direction starts there.
 *
 * The seam of the engines: a backend may have fused kernels under the names in recurrent-kernels.ts; what is registered
 * otherwise is the composite. Nothing above knows which one ran.
 */
export function recurrentLayer(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  // The kernels know the cells with a closed gradient, and no dropped state: of such a layer each operation is recorded.
  if (cell.gradient && !layer.kept) return byKernel(cell, layer, options);
  if (options.training) return composite(cell, layer, options);
  const [outputs, ...states] = tf.tidy(() => {
    const result = composite(cell, layer, options);
    return [result.outputs, ...result.states];
  });
  return { outputs: outputs, states };
}

function composite(cell: Cell, layer: RecurrentInputs, { reverse, parallelScan }: RecurrentOptions): RecurrentResult {
  const { projected, valid } = layer;
  const counts = valid && wideMask(valid, projected.shape[3]!);
  // What comes in at steps that do not count would come back in gradients as 0·NaN.
  const read = { ...layer, projected: counts ? tf.where(counts, projected, tf.zerosLike(projected)) : projected };
  if (!cell.scan || (cell.states > 0 && !parallelScan)) {
    const { outputs, states } = unrolled(cell, read, reverse);
    return { outputs, states };
  }
  const { outputs, states } = cell.scan(prepared(cell, read), read.states, { reverse, valid });
  const given = valid && wideMask(valid, outputs.shape[3]!);
  return { outputs: given ? tf.where(given, outputs, tf.zerosLike(outputs)) : outputs, states };
}

function byKernel(cell: Cell, layer: RecurrentInputs, options: RecurrentOptions): RecurrentResult {
  const { projected, kernel, bias, valid } = layer;
  const inputs: Record<string, Tensor> = { projected, kernel: kernel! };
  layer.states.forEach((state, index) => (inputs[`state${index}`] = state));
  if (bias) inputs.bias = bias;
  const attributes = { cell: cell.name, reverse: options.reverse, training: options.training };
  // `valid` is no input: nothing flows back into it.
  const withMask = valid ? { ...inputs, valid } : inputs;

  const [outputs, ...states] = differentiable({
    inputs,
    forward(save) {
      const produced = runKernel(recurrentKernel, withMask, attributes);
      save([...Object.values(withMask), ...produced]);
      return produced.slice(0, 1 + cell.states);
    },
    backward(gradients, saved) {
      if (!options.training) throw new Error('a recurrent layer that ran without `training` has no gradient');
      const named = Object.fromEntries(Object.keys(withMask).map((name, index) => [name, saved[index]!]));
      saved.slice(Object.keys(withMask).length).forEach((output, index) => (named[`output${index}`] = output));
      gradients.forEach((gradient, index) => (named[`gradient${index}`] = gradient));
      const results = runKernel(recurrentGradientKernel, named, attributes);
      return Object.fromEntries(Object.keys(inputs).map((name, index) => [name, () => results[index]!]));
    },
  });
  return { outputs: outputs!, states };
}

const runKernel = (name: string, inputs: Record<string, Tensor>, attributes: object): Tensor[] =>
  tf.engine().runKernel(name, inputs, attributes as never) as unknown as Tensor[];
