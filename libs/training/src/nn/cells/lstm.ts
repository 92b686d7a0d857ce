import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellGradient } from './cell';
import { recurrentProduct } from './recurrent-product';

/** a·(1 − a), the slope of the sigmoid whose value is a. */
export const sigmoidSlope = (a: Tensor): Tensor => tf.sub(a, tf.square(a));

/**
 * A step backwards of an LSTM from ∂h'/∂c', the slopes of the sums of its gates by c' (those of o by h'), side by side, and
 * ∂c'/∂c.
 */
export const lstmStepBack: CellGradient['step'] = ([dh, dc], [throughC, ofGates, throughState]) => {
  const total = tf.add(dc!, tf.mul(dh!, throughC!));
  const projected = tf.mul(tf.concat([total, total, total, dh!], 2), ofGates!);
  return { projected, recurrent: projected, states: [undefined, tf.mul(total, throughState!)] };
};

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000), torch.nn.LSTM:
 * i, f, o = σ(·), g = tanh(·), c' = f∘c + i∘g, h' = o∘tanh(c'). Gate order i, f, g, o.
 */
export const lstm: Cell = {
  name: 'lstm',
  kind: 'lstm',
  fused: 2,
  onnx: { name: 'LSTM', order: [0, 3, 1, 2] },
  gates: 4,
  states: 2,
  zeroPreserving: true,
  recurrence: 'kernel',
  biases: 2,
  separateRecurrentBias: false,
  forgetBlock: 1,
  step(projected, [h, c], weights) {
    const gates = tf.split(tf.add(projected, recurrentProduct(h!, weights)), 4, 2); // 4 × [lane, batch, hidden]
    const [i, f, g, o] = [tf.sigmoid(gates[0]!), tf.sigmoid(gates[1]!), tf.tanh(gates[2]!), tf.sigmoid(gates[3]!)];
    const nextC = tf.add(tf.mul(f, c!), tf.mul(i, g));
    const squashed = tf.tanh(nextC);
    return { states: [tf.mul(o, squashed), nextC], saved: [i, f, g, o, squashed], gates: [i, f, o] };
  },
  gradient: {
    factors([i, f, g, o, squashed], [, c]) {
      const throughC = tf.mul(o!, tf.sub(1, tf.square(squashed!))); // ∂h'/∂c'
      const ofGates = [
        tf.mul(g!, sigmoidSlope(i!)),
        tf.mul(c!, sigmoidSlope(f!)),
        tf.mul(i!, tf.sub(1, tf.square(g!))),
        tf.mul(squashed!, sigmoidSlope(o!)),
      ];
      return [throughC, tf.concat(ofGates, 3), f!];
    },
    step: lstmStepBack,
  },
};
