import { hasKernel, scanKernel } from '../../tensor/kernels';
import { gatedLinearUnit } from '../../functional/gated-linear-unit';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellWeights, Reading } from './cell';
import { complexScan, plus, times, type Complex } from './complex-scan';
import { unitScan } from './unit-scan';

/** λ of every unit, and √(1 − |λ|²); each [lane, 1, hidden]. */
function eigenvalues({ own }: CellWeights): { lambda: Complex; scale: Tensor } {
  const decay = tf.exp(own!.nu_log!);
  const radius = tf.exp(tf.neg(decay));
  const phase = tf.exp(own!.theta_log!);
  // 1 − |λ|² without losing digits where |λ| is next to 1.
  const scale = tf.sqrt(tf.mul(tf.tanh(decay), tf.add(1, tf.square(radius))));
  return { lambda: [tf.mul(radius, tf.cos(phase)), tf.mul(radius, tf.sin(phase))], scale };
}

/**
 * Linear recurrent unit (Orvieto et al. 2023, equation 5 and section 3.4): z' = λ∘z + γ∘(B·x + b) over complex numbers, with
 * λ = exp(−exp(ν) + i·exp(θ)), and y = Re(C·z') + D·x. As in the paper's blocks (figure 1) a gated linear unit follows, whose matrices are
 * one with C and D: h' = y₁∘σ(y₂). Blocks: real and imaginary part of B·x, value and gate of D·x. The states are the parts of z; weight_C
 * reads them side by side, with the sign of the imaginary part in its columns.
 *
 * |λ| starts uniform on the ring from 0.9 to 0.999, its phase below π/10. γ is √(1 − |λ|²), to which the paper initialises a parameter.
 */
export const lru: Cell = {
  name: 'lru',
  kind: 'lru',
  gates: 4,
  states: 2,
  zeroPreserving: true,
  recurrence: 'none',
  biases: 1,
  separateRecurrentBias: false,
  own: [
    { name: 'nu_log', blocks: 1, start: { from: 0.9 ** 2, to: 0.999 ** 2, as: (x) => Math.log(-0.5 * Math.log(x)) } },
    { name: 'theta_log', blocks: 1, start: { from: 1e-4, to: Math.PI / 10, as: Math.log } },
    { name: 'weight_C', blocks: 2, columns: 2, start: 'default' },
  ],
  step(projected, [re, im], weights) {
    const [ofRe, ofIm, value, gate] = tf.split(projected, 4, 2);
    const { lambda, scale } = eigenvalues(weights);
    const next = plus(times(lambda, [re!, im!]), [tf.mul(scale, ofRe!), tf.mul(scale, ofIm!)]);
    const seen = tf.matMul(tf.concat([...next], 2), weights.own!.weight_C!);
    return { states: [...next], saved: [], output: gatedLinearUnit(seen, tf.concat([value!, gate!], 2)) };
  },
  scan(projected, [re, im], reading, weights) {
    const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
    const width = columns / 2;
    const [ofStates, ofOutput] = tf.split(projected, 2, 3) as [Tensor, Tensor];
    const { outputs, last } = states(ofStates, [re!, im!], reading, weights);
    const seen = tf.matMul(tf.reshape(outputs, [lanes, steps * batch, width]), weights.own!.weight_C!);
    const h = gatedLinearUnit(tf.reshape(seen, [lanes, steps, batch, width]), ofOutput);
    return { outputs: h, states: tf.split(last, 2, 2) };
  },
};

/** z after each step, its parts side by side, from B·x: by the engine's kernel where it has one. */
function states(x: Tensor, before: Complex, reading: Reading, weights: CellWeights): { outputs: Tensor; last: Tensor } {
  const { nu_log, theta_log } = weights.own!;
  if (hasKernel(scanKernel)) {
    const given = { inputs: x, weights: tf.concat([nu_log!, theta_log!], 2), start: tf.concat([...before], 2) };
    return unitScan('lru', given, reading);
  }
  const { lambda, scale } = eigenvalues(weights);
  const [lanes, , hidden] = scale.shape as [number, number, number];
  const scales = tf.reshape(scale, [lanes, 1, 1, hidden]);
  const [ofRe, ofIm] = tf.split(x, 2, 3);
  const { outputs, last } = complexScan([tf.mul(ofRe!, scales), tf.mul(ofIm!, scales)], lambda, before, reading);
  return { outputs: tf.concat([...outputs], 3), last: tf.concat([...last], 2) };
}
