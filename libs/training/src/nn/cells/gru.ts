import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { recurrentProduct } from './recurrent-product';

/**
 * Gated recurrent unit (Cho et al. 2014) in the form of torch.nn.GRU, whose reset gate acts after the recurrent product:
 * r, z = σ(·), n = tanh(x·W_n + b_in + r∘(h·U_n + b_hn)), h' = (1 − z)∘n + z∘h. Gate order r, z, n.
 */
export const gru: Cell = {
  name: 'gru',
  kind: 'gru',
  fused: 3,
  // PyTorch's reset gate acts after the recurrent product.
  onnx: { name: 'GRU', order: [1, 0, 2], attributes: { linear_before_reset: 1 } },
  gates: 3,
  states: 1,
  zeroPreserving: true,
  recurrence: 'kernel',
  biases: 2,
  separateRecurrentBias: true,
  step(projected, [h], weights) {
    const { bias } = weights;
    const product = recurrentProduct(h!, weights);
    const recurrent = tf.split(bias ? tf.add(product, bias) : product, 3, 2); // 3 × [lane, batch, hidden]
    const input = tf.split(projected, 3, 2);
    const r = tf.sigmoid(tf.add(input[0]!, recurrent[0]!));
    const z = tf.sigmoid(tf.add(input[1]!, recurrent[1]!));
    const n = tf.tanh(tf.add(input[2]!, tf.mul(r, recurrent[2]!)));
    return { states: [tf.add(n, tf.mul(z, tf.sub(h!, n)))], saved: [r, z, n, recurrent[2]!], gates: [r, z] };
  },
  gradient: {
    factors([r, z, n, recurrentN], [h]) {
      const ofN = tf.mul(tf.sub(1, z!), tf.sub(1, tf.square(n!)));
      const ofR = tf.mul(tf.mul(ofN, recurrentN!), tf.sub(r!, tf.square(r!)));
      const ofZ = tf.mul(tf.sub(h!, n!), tf.sub(z!, tf.square(z!)));
      return [tf.concat([ofR, ofZ, ofN], 3), tf.concat([ofR, ofZ, tf.mul(ofN, r!)], 3), z!];
    },
    step([dh], [ofProjected, ofRecurrent, z]) {
      const tripled = tf.concat([dh!, dh!, dh!], 2);
      return {
        projected: tf.mul(tripled, ofProjected!),
        recurrent: tf.mul(tripled, ofRecurrent!),
        states: [tf.mul(dh!, z!)],
      };
    },
  },
};
