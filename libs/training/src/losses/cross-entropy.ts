import { crossEntropyGradientKernel, crossEntropyKernel, hasKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { oneHot } from '../tensor/one-hot';

export interface Targets {
  /** The right classes, int32 [lane, n]; any class where `valid` is false. */
  classes: Tensor;
  /** Which targets count, bool [lane, n]; undefined where all do. */
  valid?: Tensor | undefined;
  /** What each target weighs: 1 / the number of valid targets of its lane for a mean; float32 [lane, 1]. */
  weight: Tensor;
}

/**
 * Softmax cross-entropy in nats, for each lane the sum over its valid targets times its weight: logits [lane, n, classes] →
 * [lane]. Targets that do not count are masked by selection, so that not even a NaN passes. `overwrites`: nothing else reads the
 * logits, nor a view of them in another shape, nor does the gradient of what gave them: a kernel may write over them.
 */
export function crossEntropy(logits: Tensor, { classes, valid, weight }: Targets, overwrites = false): Tensor {
  const [lanes, , width] = logits.shape as [number, number, number];
  if (hasKernel(crossEntropyKernel)) return fused(logits, { classes, valid, weight }, overwrites);
  return tf.customGrad((...[given, save]) => {
    const x = given as Tensor;
    const probabilities = tf.softmax(x);
    // log Σ exp(x) = max(x) − log(max(p)), since the largest p is exp(0) / Σ exp(x − max): one softmax serves both.
    const logSum = tf.sub(tf.max(x, 2), tf.log(tf.max(probabilities, 2))); // [lane, n]
    const losses = selected(tf.sub(logSum, rightLogits(x, classes)), valid);
    // Intermediate tensors may be disposed by the time of the gradient.
    (save as (tensors: Tensor[]) => void)([probabilities, classes, weight, ...(valid ? [valid] : [])]);
    return {
      value: tf.mul(tf.sum(losses, 1), tf.reshape(weight, [lanes])),
      gradFunc: (dy: Tensor, [p, right, weights, counting]: Tensor[]) => {
        const scale = tf.mul(tf.reshape(dy, [lanes, 1, 1]), tf.reshape(weights!, [lanes, 1, 1]));
        const gradient = tf.mul(tf.sub(p!, oneHot(right!, width)), scale);
        return counting ? selected(gradient, wide(counting, width)) : gradient;
      },
    };
  })(logits);
}

/**
 * The same with label smoothing (Szegedy et al. 2016), as torch.nn.CrossEntropyLoss(label_smoothing): a fraction
 * `rates[lane]` of the target is spread evenly over all classes. This adds to the plain loss rate·(x_right − mean(x)).
 */
export function smoothedCrossEntropy(
  logits: Tensor,
  targets: Targets,
  rates: readonly number[],
  overwrites = false,
): Tensor {
  if (rates.every((rate) => rate === 0)) return crossEntropy(logits, targets, overwrites);
  return tf.add(crossEntropy(logits, targets), smoothing(logits, targets, rates));
}

/**
 * The term that smoothing adds to the loss: for each lane its rate times the weighted sum of x_right − mean(x) over its
 * valid targets.
 */
const smoothing = (logits: Tensor, { classes, valid, weight }: Targets, rates: readonly number[]): Tensor =>
  tf.customGrad((...[given, save]) => {
    const x = given as Tensor;
    const [lanes, count, width] = x.shape as [number, number, number];
    const scales = tf.mul(weight, tf.tensor2d(rates.map((rate) => [rate]))); // [lane, 1]
    const each = tf.sub(rightLogits(x, classes), tf.mean(x, 2)); // [lane, n]
    const kept = [classes, tf.add(scales, tf.zeros([lanes, count])), ...(valid ? [valid] : [])];
    (save as (tensors: Tensor[]) => void)(kept);
    return {
      value: tf.sum(tf.mul(selected(each, valid), scales), 1),
      gradFunc: (dy: Tensor, [right, factors, counting]: Tensor[]) => {
        // For a target that does not count the factor is 0, and no logit is read.
        const own = tf.mul(selected(factors!, counting), tf.reshape(dy, [lanes, 1]));
        return tf.mul(tf.sub(oneHot(right!, width), 1 / width), tf.expandDims(own, 2));
      },
    };
  })(logits);

/** The logit of each right class, [lane, n]. */
function rightLogits(x: Tensor, classes: Tensor): Tensor {
  const [lanes, count, width] = x.shape as [number, number, number];
  const starts = tf.tensor2d(
    Int32Array.from({ length: lanes * count }, (_, row) => row * width),
    [lanes, count],
    'int32',
  );
  const flat = tf.reshape(tf.add(classes, starts), [lanes * count]);
  return tf.reshape(tf.gather(tf.reshape(x, [lanes * count * width]), flat), [lanes, count]);
}

/** The same with the engine's own kernels. */
function fused(logits: Tensor, { classes, valid, weight }: Targets, overwrites: boolean): Tensor {
  const lanes = logits.shape[0];
  const targets: Record<string, Tensor> = valid ? { classes, valid } : { classes };
  return tf.customGrad((...[given, save]) => {
    const inputs = { logits: given as Tensor, ...targets };
    const [losses, probabilities] = runKernel(crossEntropyKernel, inputs, { overwrites }) as [Tensor, Tensor];
    (save as (tensors: Tensor[]) => void)([probabilities, classes, weight, ...(valid ? [valid] : [])]);
    return {
      value: tf.mul(tf.sum(losses, 1), tf.reshape(weight, [lanes])),
      gradFunc: (dy: Tensor, [saved, right, weights, counting]: Tensor[]) => {
        const scales = tf.mul(tf.reshape(dy, [lanes]), tf.reshape(weights!, [lanes]));
        const kept: Record<string, Tensor> = counting ? { classes: right!, valid: counting } : { classes: right! };
        return runKernel(crossEntropyGradientKernel, { probabilities: saved!, scales, ...kept }, { overwrites })[0]!;
      },
    };
  })(logits);
}

const selected = (x: Tensor, valid: Tensor | undefined): Tensor => (valid ? tf.where(valid, x, tf.zerosLike(x)) : x);

/** A mask [lane, n] for [lane, n, width]. */
const wide = (valid: Tensor, width: number): Tensor =>
  tf.cast(tf.tile(tf.expandDims(tf.cast(valid, 'int32'), 2), [1, 1, width]), 'bool');
