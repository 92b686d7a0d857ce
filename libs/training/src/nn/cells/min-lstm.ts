import { tf } from '../../tensor/tfjs';
import { aboveZero, linearRecurrence } from './linear-recurrence';

/**
 * Minimal LSTM (Feng et al. 2024, section 3.2.4, with the activation g of its log-space form): f, i = σ(·),
 * h' = f/(f + i)∘h + i/(f + i)∘g(x·W_h + b_h). Gate order f, i, h.
 *
 * f/(f + i) is σ(softplus(−i) − softplus(−f)) of what the gates are σ of, which never divides 0 by 0.
 */
export const minLstm = linearRecurrence({ kind: 'min-lstm', gates: 3, forgetBlock: 0 }, ([f, i, candidate]) => {
  const balance = tf.sub(tf.softplus(tf.neg(i!)), tf.softplus(tf.neg(f!)));
  return [tf.sigmoid(balance), tf.mul(tf.sigmoid(tf.neg(balance)), aboveZero(candidate!))];
});
