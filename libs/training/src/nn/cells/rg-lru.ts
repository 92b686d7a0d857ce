import { tf, type Tensor } from '../../tensor/tfjs';
import type { CellWeights } from './cell';
import { linearRecurrence } from './linear-recurrence';

/** c of the paper: how many times slower a closed gate r makes the decay. */
const slowest = 8;

/** c·log a of every unit, a = σ(Λ): at most 0. [lane, 1, hidden] */
const logDecay = ({ own }: CellWeights): Tensor => tf.mul(-slowest, tf.softplus(tf.neg(own!.lambda!)));

/**
 * Real-gated linear recurrent unit (De et al. 2024, "Griffin", equations 1 to 4): r, i = σ(·), a_t = a^(c·r) with a = σ(Λ) and c = 8,
 * h' = a_t∘h + √(1 − a_t²)∘(i∘(x·W_x + b_x)). Gate order r, i, x.
 *
 * The paper's gates read what a linear layer makes of the block's input; here they and x are projections of the layer's input itself.
 * a^c starts uniform in [0.9, 0.999], as there (section 2.4).
 */
export const rgLru = linearRecurrence(
  {
    kind: 'rg-lru',
    gates: 3,
    zeroPreserving: true,
    own: [
      {
        name: 'lambda',
        blocks: 1,
        start: { from: 0.9, to: 0.999, as: (power) => -Math.log(power ** (-1 / slowest) - 1) },
      },
    ],
  },
  ([r, i, x], weights) => {
    const decay = logDecay(weights);
    const [lanes, , hidden] = decay.shape as [number, number, number];
    const logA = tf.mul(tf.sigmoid(r!), tf.reshape(decay, [lanes, 1, 1, hidden]));
    const a = tf.exp(logA);
    // 1 − a² without losing digits where a is next to 1.
    const scale = tf.sqrt(tf.mul(tf.tanh(tf.neg(logA)), tf.add(1, tf.square(a))));
    return [a, tf.mul(tf.mul(scale, tf.sigmoid(i!)), x!)];
  },
  logDecay,
);
