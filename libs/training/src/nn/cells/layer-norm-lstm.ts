import { standardised, throughStandardised } from '../../functional/layer-norm';
import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { sigmoidSlope } from './lstm';
import { overSteps, sumOfSteps } from './own-parameters';
import { recurrentProduct } from './recurrent-product';

/**
 * LSTM with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22, where LN is over all gates of a step at
 * once): i, f, o = σ(·), g = tanh(·) of LN(x·W) + LN(h·U) + b, c' = f∘c + i∘g, h' = o∘tanh(LN(c')). Gate order i, f, g, o.
 * The gains of the two products and of c start at 1, the shifts, b among them, at 0.
 *
 * The zero state has no variance: at a first step LN(h·U) is 0, and its gradient to h is 1/√ε = 316 times that to LN(h·U), as in
 * torch.nn.LayerNorm. It reaches no parameter but a learned initial h, whose first gradients are therefore large.
 *
 * A mean over units sees padding, so its layers are never padded.
 */
export const layerNormLstm: Cell = {
  name: 'layer-norm-lstm',
  kind: 'layer-norm-lstm',
  fused: 5,
  savesProducts: true,
  gates: 4,
  states: 2,
  zeroPreserving: false,
  recurrence: 'kernel',
  biases: 0,
  separateRecurrentBias: false,
  forgetBlock: 1,
  own: [
    { name: 'gain_ih', blocks: 4, start: { value: 1 } },
    { name: 'gain_hh', blocks: 4, start: { value: 1 } },
    { name: 'bias_ih', blocks: 4, start: { value: 0 } },
    { name: 'gain_c', blocks: 1, start: { value: 1 } },
    { name: 'bias_c', blocks: 1, start: { value: 0 } },
  ],
  prepare(projected, { own }) {
    const { unit } = standardised(projected);
    return tf.add(tf.mul(unit, overSteps(own!.gain_ih!)), overSteps(own!.bias_ih!));
  },
  step(projected, [h, c], weights) {
    const { gain_hh, gain_c, bias_c } = weights.own!;
    const product = standardised(recurrentProduct(h!, weights));
    const gates = tf.split(tf.add(projected, tf.mul(product.unit, gain_hh!)), 4, 2); // 4 × [lane, batch, hidden]
    const [i, f, g, o] = [tf.sigmoid(gates[0]!), tf.sigmoid(gates[1]!), tf.tanh(gates[2]!), tf.sigmoid(gates[3]!)];
    const nextC = tf.add(tf.mul(f, c!), tf.mul(i, g));
    const inner = standardised(nextC);
    const squashed = tf.tanh(tf.add(tf.mul(inner.unit, gain_c!), bias_c!));
    const saved = [i, f, g, o, squashed, product.unit, product.inverse, inner.unit, inner.inverse];
    return { states: [tf.mul(o, squashed), nextC], saved, gates: [i, f, o] };
  },
  gradient: {
    factors([i, f, g, o, squashed, ...normalised], [, c]) {
      const throughSquashed = tf.mul(o!, tf.sub(1, tf.square(squashed!)));
      const ofGates = [
        tf.mul(g!, sigmoidSlope(i!)),
        tf.mul(c!, sigmoidSlope(f!)),
        tf.mul(i!, tf.sub(1, tf.square(g!))),
        tf.mul(squashed!, sigmoidSlope(o!)),
      ];
      return [throughSquashed, tf.concat(ofGates, 3), f!, ...normalised];
    },
    step([dh, dc], [throughSquashed, ofGates, f, product, deviation, inner, deviationOfC], { own }) {
      const ofInner = tf.mul(dh!, throughSquashed!);
      const total = tf.add(dc!, throughStandardised(tf.mul(ofInner, own!.gain_c!), inner!, deviationOfC!));
      const projected = tf.mul(tf.concat([total, total, total, dh!], 2), ofGates!);
      const recurrent = throughStandardised(tf.mul(projected, own!.gain_hh!), product!, deviation!);
      return { projected, recurrent, states: [undefined, tf.mul(total, f!)], own: [ofInner] };
    },
    own({ input, saved, projected, own: [ofInner] }, { own }) {
      const { unit, inverse } = standardised(input);
      const [product, inner] = [saved[5]!, saved[7]!];
      return {
        input: throughStandardised(tf.mul(projected, overSteps(own!.gain_ih!)), unit, inverse),
        own: [tf.mul(projected, unit), tf.mul(projected, product), projected, tf.mul(ofInner!, inner), ofInner!].map(
          sumOfSteps,
        ),
      };
    },
  },
};
