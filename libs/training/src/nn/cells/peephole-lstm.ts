import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { lstmStepBack, sigmoidSlope } from './lstm';
import { overSteps, sumOfSteps } from './own-parameters';
import { recurrentProduct } from './recurrent-product';

/**
 * LSTM whose gates see the cell state (Gers & Schmidhuber 2000; equations of Gers, Schraudolph & Schmidhuber 2002), over
 * peephole weights p, a number for each unit: i, f = σ(x·W + h·U + b + p∘c), g = tanh(·), c' = f∘c + i∘g,
 * o = σ(· + p_o∘c'), h' = o∘tanh(c'). Gate order i, f, g, o.
 */
export const peepholeLstm: Cell = {
  name: 'peephole-lstm',
  kind: 'peephole-lstm',
  fused: 4,
  gatesSeeC: true,
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
    const g = tf.tanh(gates[2]!);
    const nextC = tf.add(tf.mul(f, c!), tf.mul(i, g));
    const o = tf.sigmoid(tf.add(gates[3]!, tf.mul(nextC, weight_co!)));
    const squashed = tf.tanh(nextC);
    return { states: [tf.mul(o, squashed), nextC], saved: [i, f, g, o, squashed, nextC], gates: [i, f, o] };
  },
  gradient: {
    factors([i, f, g, o, squashed], [, c], { own }) {
      const ofI = tf.mul(g!, sigmoidSlope(i!));
      const ofF = tf.mul(c!, sigmoidSlope(f!));
      const ofG = tf.mul(i!, tf.sub(1, tf.square(g!)));
      const ofO = tf.mul(squashed!, sigmoidSlope(o!));
      const throughC = tf.add(tf.mul(o!, tf.sub(1, tf.square(squashed!))), tf.mul(ofO, overSteps(own!.weight_co!)));
      const throughGates = tf.add(tf.mul(ofI, overSteps(own!.weight_ci!)), tf.mul(ofF, overSteps(own!.weight_cf!)));
      return [throughC, tf.concat([ofI, ofF, ofG, ofO], 3), tf.add(f!, throughGates)];
    },
    step: lstmStepBack,
    own({ saved, previous, projected }) {
      const [i, f, , o] = tf.split(projected, 4, 3); // 4 × [lane, time, batch, hidden]
      const [c, nextC] = [previous[1]!, saved[5]!];
      const own = [tf.mul(i!, c), tf.mul(f!, c), tf.mul(o!, nextC)].map(sumOfSteps);
      return { input: projected, own };
    },
  },
};
