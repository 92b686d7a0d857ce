import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { recurrentProduct } from './recurrent-product';

/** h' = f(x·W + b_ih + h·U + b_hh), Elman 1990; torch.nn.RNN. `slope` gives f' from f's value. */
const elman = (
  { nonlinearity, fused }: { nonlinearity: 'tanh' | 'relu'; fused: number },
  activate: (x: Tensor) => Tensor,
  slope: (activated: Tensor) => Tensor,
): Cell => ({
  name: `rnn-${nonlinearity}`,
  kind: 'rnn',
  nonlinearity,
  fused,
  onnx: { name: 'RNN', order: [0] },
  gates: 1,
  states: 1,
  zeroPreserving: true,
  recurrence: 'kernel',
  biases: 2,
  separateRecurrentBias: false,
  step(projected, [h], weights) {
    const next = activate(tf.add(projected, recurrentProduct(h!, weights)));
    return { states: [next], saved: [next] };
  },
  gradient: {
    factors: ([next]) => [slope(next!)],
    step([dh], [factor]) {
      const projected = tf.mul(dh!, factor!);
      return { projected, recurrent: projected, states: [undefined] };
    },
  },
});

export const rnnTanh = elman({ nonlinearity: 'tanh', fused: 0 }, tf.tanh, (h) => tf.sub(1, tf.square(h)));

/** The slope at 0 is 0, as PyTorch has it. */
export const rnnRelu = elman({ nonlinearity: 'relu', fused: 1 }, tf.relu, (h) => tf.step(h));
