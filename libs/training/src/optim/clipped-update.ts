import { updateRules, type UpdateKind } from '@unroll/kernels';
import { hasKernel, skippingUpdateKernel, updateKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { clipByNorm } from './clip';
import type { Optimizer, Update } from './optimizer';

export interface Gradient {
  /** [lane, length] */
  values: Tensor;
  /** Its norms, and the limits to clip them to; [lane, 1]. */
  norms: Tensor;
  limits: Tensor;
  /** Whether a lane whose norm is not finite keeps its parameters and slots; otherwise they become NaN. */
  skips?: boolean;
}

/**
 * One update of an optimizer with clipping: in one kernel where the engine has one for that kind, else by the optimizer's own `update`.
 * `numbers` are each lane's scalars for this update, by name; their order does not matter. Throws Error where one is missing.
 */
export function clippedUpdate(
  optimizer: Optimizer,
  parameters: Tensor,
  { values, norms, limits, skips = false }: Gradient,
  slots: readonly Tensor[],
  numbers: readonly Record<string, number>[],
): Update {
  const { kind } = optimizer;
  const inKernel = skips && hasKernel(skippingUpdateKernel(kind));
  const kernel = inKernel ? skippingUpdateKernel(kind) : updateKernel(kind);
  const rule = hasKernel(kernel) ? updateRules[kind as UpdateKind] : undefined;
  const scalarNames = rule?.scalarNames ?? optimizer.scalarNames;
  const scalars = stackScalars(kind, scalarNames, numbers);
  const skipped = (after: Update): Update =>
    skips && !inKernel ? whereFinite(norms, after, { parameters, slots: [...slots] }) : after;
  if (rule) {
    const inputs: Record<string, Tensor> = { parameters, gradient: values, norms, limits, scalars };
    slots.forEach((slot, index) => (inputs[`slot${index}`] = slot));
    const [next, ...nextSlots] = runKernel(kernel, inputs);
    return skipped({ parameters: next!, slots: nextSlots });
  }
  const unstacked = tf.unstack(scalars);
  const named = Object.fromEntries(scalarNames.map((name, index) => [name, unstacked[index]!]));
  return skipped(optimizer.update(parameters, clipByNorm(values, norms, limits), slots, named));
}

/** `after` in the lanes whose norms are finite, `before` in the others. */
function whereFinite(norms: Tensor, after: Update, before: Update): Update {
  const isFinite = tf.tile(tf.less(norms, Infinity), [1, after.parameters.shape[1]!]);
  return {
    parameters: tf.where(isFinite, after.parameters, before.parameters),
    slots: after.slots.map((slot, index) => tf.where(isFinite, slot, before.slots[index]!)),
  };
}

/** [scalar, lane, 1], in the order of the names: one tensor goes to the device, however many scalars there are. */
function stackScalars(kind: string, names: readonly string[], numbers: readonly Record<string, number>[]): Tensor {
  const value = (name: string, lane: Record<string, number>): number => {
    const number = lane[name];
    if (number === undefined) throw new Error(`the optimizer ${kind} computes no scalar "${name}"`);
    return number;
  };
  return tf.tensor3d(
    names.flatMap((name) => numbers.map((lane) => value(name, lane))),
    [names.length, numbers.length, 1],
  );
}
