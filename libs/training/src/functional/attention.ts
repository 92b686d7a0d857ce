import { mostOfHead } from '@unroll/kernels';
import { hasKernel, isOnDevice } from '../tensor/kernels';
import { selfAttentionGradientKernel, selfAttentionKernel } from '../tensor/layer-kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';

/** A score low enough for weight 0, yet finite, so that a gradient of 0 stays 0. */
const unseen = -1e30;

/**
 * Attention of each step over itself and those before it that count, in `heads` parts (Vaswani et al. 2017, section 3.2):
 * queries, keys and values side by side, [lane, time, batch, 3·hidden] → [lane, time, batch, hidden].
 * `valid` bool [lane, time, batch].
 */
export function causalAttention(three: Tensor, heads: number, valid: Tensor | undefined): Tensor {
  const isFused = hasKernel(selfAttentionKernel) && holdsHead(three.shape[3]! / 3 / heads);
  return isFused ? fused(three, heads, valid) : composite(three, heads, valid);
}

/** Whether the kernel holds heads of this size: a thread of a GPU has no memory for larger ones. */
const holdsHead = (size: number): boolean => !isOnDevice() || size <= mostOfHead;

/** By the engine's own kernel, which keeps two numbers for each row of the weights instead of all. */
const fused = (three: Tensor, heads: number, valid: Tensor | undefined): Tensor =>
  tf.customGrad((...[given, save]) => {
    const masked: Record<string, Tensor> = valid ? { valid } : {};
    const [value, moments] = runKernel(selfAttentionKernel, { three: given as Tensor, ...masked }, { heads });
    (save as (tensors: Tensor[]) => void)([given as Tensor, value!, moments!, ...(valid ? [valid] : [])]);
    return {
      value: value!,
      gradFunc: (gradient: Tensor, [read, output, kept, counts]: Tensor[]) => {
        const inputs = {
          three: read!,
          output: output!,
          moments: kept!,
          gradient,
          ...(counts ? { valid: counts } : {}),
        };
        return runKernel(selfAttentionGradientKernel, inputs, { heads })[0]!;
      },
    };
  })(three);

function composite(three: Tensor, heads: number, valid: Tensor | undefined): Tensor {
  const [lanes, steps, batch, columns] = three.shape as [number, number, number, number];
  const size = columns / 3 / heads;
  const [queries, keys, values] = tf.split(three, 3, 3).map((part) => {
    const rows = tf.transpose(tf.reshape(part, [lanes, steps, batch * heads, size]), [0, 2, 1, 3]);
    return tf.reshape(rows, [lanes * batch * heads, steps, size]);
  });
  const scores = tf.mul(tf.matMul(queries!, keys!, false, true), 1 / Math.sqrt(size)); // [lane·batch·head, time, time]
  const seen = visible({ lanes, steps, batch, heads }, valid);
  const weights = tf.softmax(tf.where(seen, scores, tf.fill(scores.shape, unseen)));
  const given = tf.reshape(tf.matMul(weights, values!), [lanes, batch * heads, steps, size]);
  return tf.reshape(tf.transpose(given, [0, 2, 1, 3]), [lanes, steps, batch, heads * size]);
}

/** Whether a step (second axis) sees another (third): bool [lane·batch·head, time, time]. Each sees itself, whatever counts. */
function visible(
  { lanes, steps, batch, heads }: { lanes: number; steps: number; batch: number; heads: number },
  valid: Tensor | undefined,
): Tensor {
  const rows = Array.from({ length: steps }, (_, at) => Array.from({ length: steps }, (_other, other) => at - other));
  const table = (holds: (distance: number) => boolean): Tensor =>
    tf.tensor(
      rows.map((row) => row.map((distance) => Number(holds(distance)))),
      [steps, steps],
      'int32',
    );
  const all = [lanes * batch * heads, 1, 1];
  const before = table((distance) => distance > 0);
  const itself = table((distance) => distance === 0);
  if (!valid) return tf.cast(tf.tile(tf.reshape(tf.add(before, itself), [1, steps, steps]), all), 'bool');
  const counts = tf.reshape(tf.transpose(tf.cast(valid, 'int32'), [0, 2, 1]), [lanes * batch, 1, steps]);
  const each = tf.tile(tf.reshape(tf.tile(counts, [1, heads, 1]), [lanes * batch * heads, 1, steps]), [1, steps, 1]);
  return tf.cast(tf.add(tf.mul(each, before), itself), 'bool');
}
