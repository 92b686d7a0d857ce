import { tf, type Tensor } from '../tensor/tfjs';
import type { ElementLoss } from './element-loss';

/**
 * Binary cross-entropy with logits in nats, elementwise, as torch.nn.BCEWithLogitsLoss without reduction: max(x, 0) − x·t +
 * log(1 + e^−|x|), which never overflows. Its sum over the labels of a frame is the negative log-likelihood of the frame
 * (Boulanger-Lewandowski et al. 2012). The gradient is sigmoid(x) − t; the labels get none.
 */
export const binaryCrossEntropy: ElementLoss = (logits, labels) =>
  tf.customGrad((...[given, save]) => {
    const x = given as Tensor;
    (save as (tensors: Tensor[]) => void)([x, labels]);
    return {
      value: tf.add(tf.sub(tf.relu(x), tf.mul(x, labels)), tf.log1p(tf.exp(tf.neg(tf.abs(x))))),
      gradFunc: (dy: Tensor, [kept, right]: Tensor[]) => tf.mul(dy, tf.sub(tf.sigmoid(kept!), right!)),
    };
  })(logits);

/**
 * The same with a weight for each label where it is present, as torch.nn.BCEWithLogitsLoss(pos_weight) without reduction: (1 − t)·x +
 * w·log(1 + e^−x), where w is the weight for t = 1 and 1 for t = 0. `weights`: of the labels of each lane, the first and last axes of the
 * logits [lane, rows, label].
 */
export const weightedBinaryCrossEntropy =
  (weights: readonly Float32Array[]): ElementLoss =>
  (logits, labels) =>
    tf.customGrad((...[given, save]) => {
      const x = given as Tensor;
      const own = tf.tensor3d(Array.from(weights, (each) => [[...each]]));
      const factor = tf.add(1, tf.mul(labels, tf.sub(own, 1)));
      (save as (tensors: Tensor[]) => void)([x, labels, factor]);
      const softplus = tf.add(tf.log1p(tf.exp(tf.neg(tf.abs(x)))), tf.relu(tf.neg(x))); // log(1 + e^−x)
      return {
        value: tf.add(tf.mul(tf.sub(1, labels), x), tf.mul(factor, softplus)),
        gradFunc: (dy: Tensor, [kept, right, factors]: Tensor[]) =>
          tf.mul(dy, tf.sub(tf.sub(1, right!), tf.mul(factors!, tf.sigmoid(tf.neg(kept!))))),
      };
    })(logits);
