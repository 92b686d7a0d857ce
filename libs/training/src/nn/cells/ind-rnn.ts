import { tf } from '../../tensor/tfjs';
import type { Cell } from './cell';
import { keptState } from './recurrent-product';

/**
 * Independently recurrent network (Li et al. 2018, equation 2): h' = relu(x·W + b + u∘h), a recurrent weight u for each unit.
 *
 * u starts uniform in ±1. The paper bounds it by 2^(1/T), beyond which a unit more than doubles over T steps; a layer does not
 * know T, and 1 is the limit for long sequences.
 */
export const indRnn: Cell = {
  name: 'ind-rnn',
  kind: 'ind-rnn',
  gates: 1,
  states: 1,
  zeroPreserving: true,
  recurrence: 'vector',
  biases: 1,
  separateRecurrentBias: false,
  own: [{ name: 'weight_hh', blocks: 1, start: { bound: 1 } }],
  unitScan: {
    cell: 'ind-rnn',
    weights: ({ own, kept }) => (kept ? tf.mul(own!.weight_hh!, kept) : own!.weight_hh!),
  },
  step(projected, [h], weights) {
    const next = tf.relu(tf.add(projected, tf.mul(keptState(h!, weights), weights.own!.weight_hh!)));
    return { states: [next], saved: [] };
  },
};
