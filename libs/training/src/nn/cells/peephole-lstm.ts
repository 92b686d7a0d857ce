import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { recurrentProduct } from './recurrent-product';

/**
 * LSTM whose gates see the cell state (Gers & Schmidhuber 2000; equations of Gers, Schraudolph & Schmidhuber 2002), over
 * peephole weights p, a number for each unit: i, f = σ(x·W + h·U + b + p∘c), g = tanh(·), c' = f∘c + i∘g,
 * o = σ(· + p_o∘c'), h' = o∘tanh(c'). Gate order i, f, g, o.
 */
export const peepholeLstm: Cell = {
  name: 'peephole-lstm',
  kind: 'peephole-lstm',
  onnx: { name: 'LSTM', order: [0, 3, 1, 2], peepholes: ['weight_ci', 'weight_co', 'weight_cf'] },
  gates: 4,
  states: 2,
  zeroPreserving: true,
  recurrence: 'kernel',
  biases: 2,
  separateRecurrentBias: false,
  forgetBlock: 1,
  own: ['weight_ci', 'weight_cf', 'weight_co'].map((name) => ({ name, blocks: 1, start: 'default' })),
  step(projected, [h, c], weights) {
    const { weight_ci, weight_cf, weight_co } = weights.own!;
    const gates = tf.split(tf.add(projected, recurrentProduct(h!, weights)), 4, 2); // 4 × [lane, batch, hidden]
    const i = tf.sigmoid(tf.add(gates[0]!, tf.mul(c!, weight_ci!)));
    const f = tf.sigmoid(tf.add(gates[1]!, tf.mul(c!, weight_cf!)));
    const nextC = tf.add(tf.mul(f, c!), tf.mul(i, tf.tanh(gates[2]!)));
    const o = tf.sigmoid(tf.add(gates[3]!, tf.mul(nextC, weight_co!)));
    return { states: [tf.mul(o, tf.tanh(nextC)), nextC], saved: [], gates: [i, f, o] };
  },
};
