import { tf } from '../../tensor/tfjs';
import { aboveZero, linearRecurrence } from './linear-recurrence';

/**
 * Minimal GRU (Feng et al. 2024, section 3.1.3, with the activation g of its log-space form): z = σ(x·W_z + b_z),
 * h' = (1 − z)∘h + z∘g(x·W_h + b_h). Gate order z, h.
 */
export const minGru = linearRecurrence({ kind: 'min-gru', gates: 2 }, ([z, candidate]) => [
  tf.sigmoid(tf.neg(z!)),
  tf.mul(tf.sigmoid(z!), aboveZero(candidate!)),
]);
