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
