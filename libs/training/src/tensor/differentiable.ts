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

interface KernelFunctionRunner {
  runKernelFunc(parameters: {
    inputs: Named;
    attrs: object;
    forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => Tensor[];
    backwardsFunc: (gradients: Tensor | Tensor[], saved: Tensor[]) => ReturnType<Operation['backward']>;
  }): Tensor[];
}
