import { tf, type Tensor } from '../tensor/tfjs';
import { smoothedCrossEntropy, type Targets } from './cross-entropy';

/** Targets that weigh by their class. */
export interface ClassWeighting extends Pick<Targets, 'classes' | 'valid'> {
  /** The weight of each target, that of its class; 0 where there is none; float32 [lane, n]. */
  own: Tensor;
  /** The sum of these of each lane. */
  sums: readonly number[];
}

/**
 * Softmax cross-entropy in nats with a weight for each target's class, as torch.nn.CrossEntropyLoss(weight): for each lane
 * Σ w·loss / Σ w over its targets. Logits [lane, n, classes] → [lane]; 0 for a lane whose targets all weigh 0.
 *
 * `rates`: of label smoothing. Each target's smoothed loss weighs as its own class. That of PyTorch (2.15) weighs what is spread over
 * the other classes by theirs, so that the loss of an example of a light class is least where a heavy class is predicted: see
 * findings/pytorch-weighted-label-smoothing.sh. For the kernels each target is a lane of its own.
 */
export function weightedCrossEntropy(
  logits: Tensor,
  { classes, valid, own, sums }: ClassWeighting,
  rates: readonly number[],
): Tensor {
  const [lanes, count, width] = logits.shape as [number, number, number];
  const apart = (each: Tensor): Tensor => tf.reshape(each, [lanes * count, 1]);
  const share = tf.tensor2d(sums.map((sum) => [sum > 0 ? 1 / sum : 0]));
  const targets = { classes: apart(classes), valid: valid && apart(valid), weight: apart(tf.mul(own, share)) };
  const eachRate = rates.flatMap((rate) => Array.from({ length: count }, () => rate));
  const losses = smoothedCrossEntropy(tf.reshape(logits, [lanes * count, 1, width]), targets, eachRate);
  return tf.sum(tf.reshape(losses, [lanes, count]), 1);
}
