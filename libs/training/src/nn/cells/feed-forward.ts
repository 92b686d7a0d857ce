import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell } from './cell';

/** f(x·W + b), each step by itself: what a network reaches that remembers nothing. */
const feedForward = (name: string, activate: (x: Tensor) => Tensor): Cell => ({
  name,
  gates: 1,
  states: 0,
  zeroPreserving: true,
  recurrence: 'none',
  biases: 1,
  separateRecurrentBias: false,
  step: (projected) => ({ states: [activate(projected)], saved: [] }),
  scan: (projected) => ({ outputs: activate(projected), states: [] }),
});

export const feedForwardTanh = feedForward('feed-forward-tanh', tf.tanh);
export const feedForwardRelu = feedForward('feed-forward-relu', tf.relu);
