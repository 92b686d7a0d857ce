import { backendAs, tf, type Tensor } from './tfjs';

type Named = Record<string, Tensor>;

/** An operation with several outputs and a custom gradient. */
export interface Operation {
  inputs: Named;
  /** Not recorded. `save` keeps tensors for `backward`, as `saved`; the rest is disposed. */
  forward: (save: (tensors: Tensor[]) => void) => Tensor[];
  /** The gradient of every input, on demand. `gradients` has one for each output, 0 for an output that was not used. */
  backward: (gradients: Tensor[], saved: Tensor[]) => Record<string, () => Tensor>;
}

/**
 * Runs an operation. This is what `tf.customGrad` does, which allows one output only; with `registerGradient` every saved
 * tensor would have to be an output, and get a gradient of zeros as large as itself.
 */
export function differentiable({ inputs, forward, backward }: Operation): Tensor[] {
  return backendAs<KernelFunctionRunner>(tf.engine()).runKernelFunc({
    inputs,
    attrs: {},
    forwardFunc: (_backend, save) => forward(save),
    // The gradient of a single output is handed over as it is.
    backwardsFunc: (gradients, saved) => backward(Array.isArray(gradients) ? gradients : [gradients], saved),
  });
}

/**
 * The gradients of a scalar in `inputs`, 0 for one that it does not depend on, computed inside the gradient of an operation, which
 * TensorFlow.js does not expect: it forgets the tape of what is being differentiated. What `compute` records is disposed.
 */
export function gradientsWithin(compute: () => Tensor, inputs: readonly Tensor[]): Tensor[] {
  const { state } = backendAs<{ state: { activeTape: unknown } }>(tf.engine());
  const outer = state.activeTape;
  try {
    const { grads } = tf.engine().gradients(compute, [...inputs], undefined, true);
    return grads.map((gradient, index) => gradient ?? tf.zerosLike(inputs[index]!));
  } finally {
    state.activeTape = outer;
  }
}

interface KernelFunctionRunner {
  runKernelFunc(parameters: {
    inputs: Named;
    attrs: object;
    forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => Tensor[];
    backwardsFunc: (gradients: Tensor | Tensor[], saved: Tensor[]) => ReturnType<Operation['backward']>;
  }): Tensor[];
}
