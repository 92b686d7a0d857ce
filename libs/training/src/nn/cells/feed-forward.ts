import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell } from './cell';

/** f(x·W + b), each step on its own: the baseline of a network without memory. */
const feedForward = (nonlinearity: 'tanh' | 'relu', activate: (x: Tensor) => Tensor): Cell => ({
  name: `feed-forward-${nonlinearity}`,
  kind: 'feed-forward',
  nonlinearity,
  gates: 1,
  states: 0,
  zeroPreserving: true,
  recurrence: 'none',
  biases: 1,
  separateRecurrentBias: false,
  step: (projected) => ({ states: [activate(projected)], saved: [] }),
  scan: (projected) => ({ outputs: activate(projected), states: [] }),
});

export const feedForwardTanh = feedForward('tanh', tf.tanh);
export const feedForwardRelu = feedForward('relu', tf.relu);
