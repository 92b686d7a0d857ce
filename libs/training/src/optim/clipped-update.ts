import { hasKernel, updateKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import { clipByNorm } from './clip';
import type { Optimizer, Update } from './optimizer';

export interface Gradient {
  /** [lane, length] */
  values: Tensor;
  /** Its norms, and the limits to clip them to; [lane, 1]. */
  norms: Tensor;
  limits: Tensor;
}

/**
 * One update of an optimizer with clipping, in one kernel where the engine has it. `numbers` are the optimizer's scalars of each
 * lane for this update.
 */
export function clippedUpdate(
  optimizer: Optimizer,
  parameters: Tensor,
  { values, norms, limits }: Gradient,
  slots: readonly Tensor[],
  numbers: readonly Record<string, number>[],
): Update {
  const names = Object.keys(numbers[0]!);
  // One tensor goes to the device, however many numbers there are.
  const scalars = tf.tensor3d(
    names.flatMap((name) => numbers.map((each) => each[name]!)),
    [names.length, numbers.length, 1],
  );
  if (hasKernel(updateKernel)) {
    const inputs: Record<string, Tensor> = { parameters, gradient: values, norms, limits, scalars };
    slots.forEach((slot, index) => (inputs[`slot${index}`] = slot));
    const [next, ...nextSlots] = tf
      .engine()
      .runKernel(updateKernel, inputs, { kind: optimizer.kind }) as unknown as Tensor[];
    return { parameters: next!, slots: nextSlots };
  }
  const each = tf.unstack(scalars);
  const named = Object.fromEntries(names.map((name, index) => [name, each[index]!]));
  return optimizer.update(parameters, clipByNorm(values, norms, limits), slots, named);
}
