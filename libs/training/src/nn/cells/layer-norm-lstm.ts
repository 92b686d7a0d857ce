import { tf } from '../../tensor/tfjs';
import { layerNorm } from '../../functional/layer-norm';
import type { Cell } from './cell';
import { recurrentProduct } from './recurrent-product';

/**
 * LSTM with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22, where LN is over all gates of a step at
 * once): i, f, o = σ(·), g = tanh(·) of LN(x·W) + LN(h·U) + b, c' = f∘c + i∘g, h' = o∘tanh(LN(c')). Gate order i, f, g, o.
 * The gains of the two products and of c start at 1, the shifts, b among them, at 0.
 *
 * A mean over units sees padding, so its layers are never padded.
 */
export const layerNormLstm: Cell = {
  name: 'layer-norm-lstm',
  kind: 'layer-norm-lstm',
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
    const { shape } = projected;
    const [lanes, steps, batch, columns] = shape as [number, number, number, number];
    const rows = tf.reshape(projected, [lanes, steps * batch, columns]);
    return tf.reshape(layerNorm(rows, own!.gain_ih!, own!.bias_ih), shape);
  },
  step(projected, [h, c], weights) {
    const { gain_hh, gain_c, bias_c } = weights.own!;
    const product = layerNorm(recurrentProduct(h!, weights), gain_hh!);
    const gates = tf.split(tf.add(projected, product), 4, 2); // 4 × [lane, batch, hidden]
    const [i, f, g, o] = [tf.sigmoid(gates[0]!), tf.sigmoid(gates[1]!), tf.tanh(gates[2]!), tf.sigmoid(gates[3]!)];
    const nextC = tf.add(tf.mul(f, c!), tf.mul(i, g));
    const nextH = tf.mul(o, tf.tanh(layerNorm(nextC, gain_c!, bias_c)));
    return { states: [nextH, nextC], saved: [], gates: [i, f, o] };
  },
};
