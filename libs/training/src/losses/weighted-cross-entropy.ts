import { tf, type Tensor } from '../tensor/tfjs';
import { crossEntropy, smoothing, type Targets } from './cross-entropy';

/** Targets that weigh by their class. */
export interface ClassWeighting extends Pick<Targets, 'classes' | 'valid'> {
  /** The weight of each target, that of its class; 0 where there is none; float32 [lane, n]. */
  own: Tensor;
  /** The sum of these of each lane. */
  sums: readonly number[];
  /** The weight of each class. */
  weights: Float32Array;
}

/**
 * Softmax cross-entropy in nats with a weight w for each class, as torch.nn.CrossEntropyLoss(weight, label_smoothing): for each lane
 * Σ [(1 − r)·w_right·(−log p_right) + r/K·Σ_c w_c·(−log p_c)] / Σ w_right over its targets, with r of `rates` and K classes. Logits
 * [lane, n, K] → [lane]; 0 for a lane whose targets all weigh 0.
 *
 * With W = Σ_c w_c and −log p_c = −log p_right + x_right − x_c, a target's loss is a·(−log p_right), where a = (1 − r)·w_right + r·W/K,
 * plus r·(W/K·x_right − Σ_c w_c·x_c / K). For the kernels each target is a lane of its own.
 */
export function weightedCrossEntropy(
  logits: Tensor,
  { classes, valid, own, sums, weights }: ClassWeighting,
  rates: readonly number[],
): Tensor {
  const [lanes, count, width] = logits.shape as [number, number, number];
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / width;
  const column = (values: readonly number[]): Tensor => tf.tensor2d(values.map((value) => [value])); // [lane, 1]
  const apart = (each: Tensor): Tensor => tf.reshape(each, [lanes * count, 1]);
  const share = column(sums.map((sum) => (sum > 0 ? 1 / sum : 0)));
  const isSmoothed = rates.some((rate) => rate > 0);
  const spread = column(rates.map((rate) => rate * mean));
  const each = isSmoothed ? tf.add(tf.mul(own, column(rates.map((rate) => 1 - rate))), spread) : own;
  const rows = tf.reshape(logits, [lanes * count, 1, width]);
  const targets = { classes: apart(classes), valid: valid && apart(valid) };
  const plain = crossEntropy(rows, { ...targets, weight: apart(tf.mul(each, share)) });
  const shares = apart(tf.mul(share, tf.ones([lanes, count])));
  const eachRate = rates.flatMap((rate) => Array.from({ length: count }, () => rate));
  const losses = isSmoothed ? tf.add(plain, smoothing(rows, { ...targets, weight: shares }, eachRate, weights)) : plain;
  return tf.sum(tf.reshape(losses, [lanes, count]), 1);
}
