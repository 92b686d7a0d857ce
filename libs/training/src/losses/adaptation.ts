import type { TrialSpec } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import { directionSuffixes } from '../nn/recurrent-parameters';

/** Deep CORAL's weight over 4·d², d the features of a lane without padding; 0 without adaptation. */
export function adaptationFactor({ model, training }: Pick<TrialSpec, 'model' | 'training'>): number {
  const features = directionSuffixes(model).length * model.hiddenSize;
  return training.adaptation ? training.adaptation.weight / (4 * features ** 2) : 0;
}

/**
 * The distance between the features of two domains: ‖C_S − C_T‖²_F of their covariances times each lane's factor (Sun &
 * Saenko 2016, "Deep CORAL", equations 1 to 3). Features [lane, batch, width], of which each lane's first `counts` rows
 * exist → [lane]. Padded units are 0 and add nothing.
 */
export function coral(
  source: { features: Tensor; counts: readonly number[] },
  target: { features: Tensor; counts: readonly number[] },
  lanes: readonly { adaptation: number }[],
): Tensor {
  const difference = tf.sub(covariance(source), covariance(target)); // [lane, width, width]
  const distance = tf.sum(tf.reshape(tf.square(difference), [lanes.length, -1]), 1);
  return tf.mul(distance, tf.tensor1d(lanes.map(({ adaptation }) => adaptation)));
}

/** The covariance of rows, [lane, width, width]; 0 for fewer than two. */
export function covariance({ features, counts }: { features: Tensor; counts: readonly number[] }): Tensor {
  const [lanes, batch] = features.shape as [number, number, number];
  const there = counts.map((count) => Array.from({ length: batch }, (_, row) => Number(row < count)));
  const mask = tf.tile(tf.tensor3d(there.flat(), [lanes, batch, 1], 'int32'), [1, 1, features.shape[2]!]);
  const isThere = tf.cast(mask, 'bool');
  const perLane = (value: (count: number) => number): Tensor => tf.tensor3d(counts.map(value), [lanes, 1, 1]);
  const zeros = tf.zerosLike(features);
  const rows = tf.where(isThere, features, zeros);
  const mean = tf.mul(
    tf.sum(rows, 1, true),
    perLane((count) => 1 / Math.max(1, count)),
  );
  const centred = tf.where(isThere, tf.sub(features, mean), zeros);
  return tf.mul(
    tf.matMul(centred, centred, true, false),
    perLane((count) => 1 / Math.max(1, count - 1)),
  );
}
