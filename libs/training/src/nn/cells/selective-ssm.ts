import { selectiveStates } from '@unroll/kernels';
import {
  firstSiluGradientKernel,
  firstSiluKernel,
  hasKernel,
  selectiveScanGradientKernel,
  selectiveScanKernel,
} from '../../tensor/kernels';
import { runSequence } from '../../tensor/sequence-kernel';
import { runKernel, tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellWeights } from './cell';
import { unrolled } from './unrolled';

const silu = (x: Tensor): Tensor => tf.mul(x, tf.sigmoid(x));

/** The block `index` of the last axis, `width` wide. */
function block(x: Tensor, index: number, width: number): Tensor {
  const [begin, size] = [x.shape.map(() => 0), [...x.shape]];
  begin[x.rank - 1] = index * width;
  size[x.rank - 1] = width;
  return tf.slice(x, begin, size);
}

/** x of all places from its block of the projection: [lane, rows, hidden]. */
function entering(projected: Tensor, hidden: number): Tensor {
  if (hasKernel(firstSiluKernel)) return firstSilu(projected);
  // The gradient of a part of a split is put together faster than that of a slice.
  const [x] = tf.split(projected, [hidden, 2 * hidden], projected.rank - 1);
  return silu(x!);
}

/** The same by the engine's kernels. */
const firstSilu = (projected: Tensor): Tensor =>
  tf.customGrad((...[x, save]) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor]);
    return {
      value: runKernel(firstSiluKernel, { x: x as Tensor })[0]!,
      gradFunc: (gradient: Tensor, [read]: Tensor[]) => runKernel(firstSiluGradientKernel, { x: read!, gradient })[0]!,
    };
  })(projected);

/** B and C of each row, from x: a number for each state, [lane, rows, 2·N]. */
function mixing(x: Tensor, { own }: CellWeights): Tensor {
  const [lanes, , hidden] = x.shape as [number, number, number];
  const rows = tf.reshape(tf.concat([own!.weight_B!, own!.weight_C!], 2), [lanes, 2 * selectiveStates, hidden]);
  return tf.matMul(x, rows, false, true);
}

/**
 * Selective state space (Gu & Dao 2023, "Mamba", algorithm 2 and section 3.4), of N = 16 states for each unit: x = SiLU(W_x·input),
 * Δ = softplus(W_Δ·input + b), B = W_B·x, C = W_C·x, s_n' = exp(Δ·A_n)∘s_n + Δ∘x·B_n with A = −exp(A_log), y = Σ_n C_n·s_n' + D∘x, and the
 * gate of the paper's block, h' = y∘SiLU(W_z·input). Blocks x, Δ, z. B and C are of a step, the same for all units.
 *
 * The block's convolution over four steps is left out, and Δ is a projection of full rank of the input. A starts at −1, …, −16 and Δ
 * between 0.001 and 0.1, as in the paper (section 3.6).
 */
export const selectiveSsm: Cell = {
  name: 'selective-ssm',
  kind: 'selective-ssm',
  gates: 3,
  states: 1,
  stateBlocks: selectiveStates,
  zeroPreserving: true,
  recurrence: 'none',
  biases: 0,
  separateRecurrentBias: false,
  own: [
    { name: 'A_log', blocks: selectiveStates, start: { ofBlocks: (index) => Math.log(index + 1) } },
    { name: 'weight_B', blocks: selectiveStates, start: 'default' },
    { name: 'weight_C', blocks: selectiveStates, start: 'default' },
    { name: 'D', blocks: 1, start: { value: 1 } },
    {
      name: 'bias_delta',
      blocks: 1,
      // The number whose softplus is Δ.
      start: { from: Math.log(0.001), to: Math.log(0.1), as: (log) => Math.log(Math.expm1(Math.exp(log))) },
    },
  ],
  step(projected, [before], weights) {
    const hidden = projected.shape[2]! / 3;
    const x = entering(projected, hidden);
    const delta = tf.softplus(tf.add(block(projected, 1, hidden), weights.own!.bias_delta!));
    const mixed = mixing(x, weights);
    const taken = tf.mul(delta, x);
    let y = tf.mul(weights.own!.D!, x);
    const states = tf.split(before!, selectiveStates, 2).map((state, n) => {
      const a = tf.neg(tf.exp(block(weights.own!.A_log!, n, hidden)));
      const next = tf.add(tf.mul(tf.exp(tf.mul(delta, a)), state), tf.mul(taken, block(mixed, n, 1)));
      y = tf.add(y, tf.mul(next, block(mixed, selectiveStates + n, 1)));
      return next;
    });
    return { states: [tf.concat(states, 2)], saved: [], output: tf.mul(y, silu(block(projected, 2, hidden))) };
  },
  scan(projected, before, reading, weights) {
    const { reverse, valid, training } = reading;
    if (!hasKernel(selectiveScanKernel))
      return unrolled(selectiveSsm, { ...weights, projected, states: before, valid }, reverse);
    const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
    const rows = tf.reshape(projected, [lanes, steps * batch, columns]);
    const mixed = mixing(entering(rows, columns / 3), weights);
    const { A_log, D, bias_delta } = weights.own!;
    const [outputs, last] = runSequence({
      kernel: selectiveScanKernel,
      gradient: selectiveScanGradientKernel,
      inputs: {
        inputs: projected,
        mixing: tf.reshape(mixed, [lanes, steps, batch, 2 * selectiveStates]),
        weights: tf.concat([A_log!, D!, bias_delta!], 2),
        start: before[0]!,
      },
      valid,
      attributes: { reverse, training },
      ...{ results: 2, reads: [2] },
    });
    return { outputs: outputs!, states: [last!] };
  },
};
