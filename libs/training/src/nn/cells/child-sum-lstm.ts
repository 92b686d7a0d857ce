import { differentiable } from '../../tensor/differentiable';
import { hasKernel } from '../../tensor/kernels';
import {
  childSumGradientKernel,
  childSumKernel,
  treeLeavesGradientKernel,
  treeLeavesKernel,
} from '../../tensor/layer-kernels';
import { runKernel, tf, type Tensor } from '../../tensor/tfjs';
import { linear } from '../../functional/linear';

/** Gates of a node as a whole: i, g and o. The forget gate is each child's own. */
export const nodeGates = 3;

/** Our layout, with a leading lane axis. */
export interface ChildSumWeights {
  /** From a word, [lane, inputs, 3·hidden]. */
  input: Tensor;
  /** From the sum of the children, [lane, hidden, 3·hidden]. */
  sum: Tensor;
  /** From one child to its forget gate, [lane, hidden, hidden]. */
  forget: Tensor;
  /** [lane, 1, 3·hidden] and [lane, 1, hidden]. */
  bias: Tensor;
  forgetBias: Tensor;
}

/**
 * Child-sum tree-LSTM (Tai, Socher & Manning 2015, equations 2 to 8) for trees in which only leaves have a word x: i, o =
 * σ(·), g = tanh(·) of W·x + U·Σh_k + b, f_k = σ(U_f·h_k + b_f), c = i∘g + Σ f_k∘c_k, h = o∘tanh(c), summed over the
 * children k. Gate order i, g, o. A unit whose weights are all 0 stays at 0.
 *
 * The state of a node is h and c side by side, [lane, nodes, 2·hidden].
 */
export const childSumLstm = {
  /** Nodes without children: words [lane, nodes, inputs]. */
  leaves(words: Tensor, { input, bias }: ChildSumWeights): Tensor {
    const gates = linear(words, input, bias);
    return hasKernel(treeLeavesKernel) ? fusedLeaves(gates) : nodeState(gates);
  },

  /**
   * Nodes with children: their states, `arity` for each node, 0 in the place of a missing child; [lane, nodes·arity,
   * 2·hidden].
   */
  inner(children: Tensor, arity: number, weights: ChildSumWeights): Tensor {
    if (hasKernel(childSumKernel)) return fusedNodes(children, arity, weights);
    const { sum, forget, bias, forgetBias } = weights;
    const [h, c] = tf.split(children, 2, 2) as [Tensor, Tensor];
    const kept = tf.mul(tf.sigmoid(linear(h, forget, forgetBias)), c);
    return nodeState(linear(overChildren(h, arity), sum, bias), overChildren(kept, arity));
  },
};

/** By the engine's own kernel: gates [lane, nodes, 3·hidden] → [lane, nodes, 2·hidden]. */
const fusedLeaves = (gates: Tensor): Tensor =>
  tf.customGrad((...[given, save]) => {
    const [states, activated] = runKernel(treeLeavesKernel, { gates: given as Tensor });
    (save as (tensors: Tensor[]) => void)([states!, activated!]);
    return {
      value: states!,
      gradFunc: (gradient: Tensor, [kept, active]: Tensor[]) =>
        runKernel(treeLeavesGradientKernel, { states: kept!, gates: active!, gradient })[0]!,
    };
  })(gates);

/** A level by the engine's own kernel. */
function fusedNodes(children: Tensor, arity: number, { sum, forget, bias, forgetBias }: ChildSumWeights): Tensor {
  const inputs = { children, sum, forget, bias, forgetBias };
  const [result] = differentiable({
    inputs,
    forward(save) {
      const produced = runKernel(childSumKernel, inputs, { arity });
      save([children, sum, forget, ...produced]);
      return produced.slice(0, 1);
    },
    backward([gradient], saved) {
      const names = ['children', 'sum', 'forget', 'states', 'gates', 'forgets'];
      const read = Object.fromEntries(names.map((name, index) => [name, saved[index]!]));
      const results = runKernel(childSumGradientKernel, { ...read, gradient: gradient! }, { arity });
      return Object.fromEntries(Object.keys(inputs).map((name, index) => [name, () => results[index]!]));
    },
  });
  return result!;
}

/** x summed over each node's children: [lane, nodes·arity, hidden] → [lane, nodes, hidden]. */
function overChildren(x: Tensor, arity: number): Tensor {
  const [lanes, count, hidden] = x.shape as [number, number, number];
  const nodes = count / arity;
  return tf.reshape(tf.sum(tf.reshape(x, [lanes * nodes, arity, hidden]), 1), [lanes, nodes, hidden]);
}

/** From the gates before their nonlinearities, [lane, nodes, 3·hidden], and the children's part of c. */
function nodeState(gates: Tensor, kept?: Tensor): Tensor {
  const [i, g, o] = tf.split(gates, nodeGates, 2) as [Tensor, Tensor, Tensor];
  const written = tf.mul(tf.sigmoid(i), tf.tanh(g));
  const c = kept ? tf.add(written, kept) : written;
  return tf.concat([tf.mul(tf.sigmoid(o), tf.tanh(c)), c], 2);
}
