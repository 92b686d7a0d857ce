import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { recurrentProduct } from './recurrent-product';

/**
 * sLSTM with one head (Beck et al. 2024, "xLSTM", equations 8 to 14): i = exp(·), f, o = σ(·), z = tanh(·), c' = f∘c + i∘z, n' = f∘n + i,
 * h' = o∘c'/n'. Gate order i, f, z, o.
 *
 * exp would overflow, and the paper subtracts a running maximum m of the logarithms (equations 15 to 17). Here the states are instead
 * the quotient c/n and log n, of which any two numbers make sense, such as those that a decoder starts from. With a = log f + log n, the
 * logarithm of what is kept, and ĩ, i before exp: c'/n' = c/n + σ(ĩ − a)∘(z − c/n) and log n' = a + softplus(ĩ − a). These are the same
 * numbers, without overflow. A sequence begins with n = 1 and c = 0, where the paper has n = 0.
 */
export const slstm: Cell = {
  name: 'slstm',
  kind: 'slstm',
  fused: 6,
  gates: 4,
  states: 3,
  zeroPreserving: false,
  recurrence: 'kernel',
  biases: 1,
  separateRecurrentBias: false,
  forgetBlock: 1,
  step(projected, [h, mean, logN], weights) {
    const gates = tf.split(tf.add(projected, recurrentProduct(h!, weights)), 4, 2); // 4 × [lane, batch, hidden]
    const [z, o] = [tf.tanh(gates[2]!), tf.sigmoid(gates[3]!)];
    const kept = tf.sub(logN!, tf.softplus(tf.neg(gates[1]!))); // log f + log n
    const newer = tf.sub(gates[0]!, kept);
    const share = tf.sigmoid(newer); // i / n'
    const nextMean = tf.add(mean!, tf.mul(share, tf.sub(z, mean!)));
    const nextLogN = tf.add(kept, tf.softplus(newer));
    const f = tf.sigmoid(gates[1]!);
    return { states: [tf.mul(o, nextMean), nextMean, nextLogN], saved: [f, z, o, share, nextMean], gates: [f, o] };
  },
  gradient: {
    factors([f, z, o, share, nextMean], [, mean]) {
      const ofShare = tf.mul(tf.sub(z!, mean!), tf.sub(share!, tf.square(share!)));
      const ofZ = tf.mul(share!, tf.sub(1, tf.square(z!)));
      const ofO = tf.mul(nextMean!, tf.sub(o!, tf.square(o!)));
      return [o!, share!, tf.sub(1, share!), tf.sub(1, f!), ofShare, ofZ, ofO];
    },
    step([dh, dMean, dLogN], [o, share, rest, closed, ofShare, ofZ, ofO]) {
      const total = tf.add(dMean!, tf.mul(dh!, o!));
      const ofNewer = tf.add(tf.mul(total, ofShare!), tf.mul(dLogN!, share!));
      const ofKept = tf.sub(dLogN!, ofNewer);
      const gates = [ofNewer, tf.mul(ofKept, closed!), tf.mul(total, ofZ!), tf.mul(dh!, ofO!)];
      const projected = tf.concat(gates, 2);
      return { projected, recurrent: projected, states: [undefined, tf.mul(total, rest!), ofKept] };
    },
  },
};
