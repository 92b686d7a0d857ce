/** The kernels of layers that are not recurrent: part of `Kernels`, whose conventions apply. L lanes, T steps, B rows, H units. */
export interface LayerKernels {
  /** gradient·(1 − y²), where y is a tanh. */
  tanhGradient(args: { count: number; y: Float32Array; gradient: Float32Array; out: Float32Array }): void;
  /** x of six axes, those of `shape`, in another order: axis i of the result is axis order[i] of x. */
  permute(args: { shape: Int32Array; order: Int32Array; x: Float32Array; out: Float32Array }): void;
  /** Each row with mean 0 and variance 1, times gain [lanes, width] and plus shift [lanes, width]: x → out [lanes, rows, width]. */
  layerNorm(args: NormArguments & { shift?: Float32Array | undefined; out: Float32Array }): void;
  layerNormGradient(
    args: NormArguments & {
      gradOut: Float32Array;
      /** Added to the gradient of x, like it. */
      added?: Float32Array | undefined;
      gradX: Float32Array;
      gradGain: Float32Array;
      gradShift?: Float32Array | undefined;
    },
  ): void;
  /** Attention of each step over itself and those before it that count, in `heads` parts of `size` units, scaled by 1/√size. */
  selfAttention(args: SelfAttentionArguments): void;
  selfAttentionGradient(args: SelfAttentionArguments & { gradOut: Float32Array; gradThree: Float32Array }): void;
  /** Attention to other sequences, with scores q·k, or v·tanh(q + k) where `score` is given. */
  attention(args: AttentionArguments & { weights: Float32Array }): void;
  attentionGradient(
    args: AttentionArguments & {
      gradOut: Float32Array;
      gradQueries: Float32Array;
      gradKeys: Float32Array;
      gradValues: Float32Array;
      gradScore?: Float32Array | undefined;
    },
  ): void;
  /** Nodes of child-sum tree-LSTMs: leaves from the sums in their gates, others from their children. */
  treeNodes(
    args: TreeNodesArguments & {
      /** [lanes, 3·hidden] and [lanes, hidden]; not for leaves. */
      bias?: Float32Array | undefined;
      forgetBias?: Float32Array | undefined;
    },
  ): void;
  /** Gradients have the shape of what they are the gradient of: of leaves `gradGates`, of others the rest. */
  treeNodesGradient(
    args: TreeNodesArguments & {
      gradStates: Float32Array;
      gradGates?: Float32Array | undefined;
      gradChildren?: Float32Array | undefined;
      gradSum?: Float32Array | undefined;
      gradBias?: Float32Array | undefined;
      gradForget?: Float32Array | undefined;
      gradForgetBias?: Float32Array | undefined;
    },
  ): void;
}

interface NormArguments {
  lanes: number;
  rows: number;
  width: number;
  x: Float32Array;
  gain: Float32Array;
  /** Mean and inverse deviation of each row, [lanes, rows, 2]: written by the forward kernel, read by the gradient. */
  moments: Float32Array;
}

interface SelfAttentionArguments {
  lanes: number;
  steps: number;
  batch: number;
  heads: number;
  size: number;
  /** Queries, keys and values side by side, [L, T, B, 3·heads·size]. */
  three: Float32Array;
  /** [L, T, B], 0 for a step that does not count. */
  valid?: Uint8Array | undefined;
  /** [L, T, B, heads·size] */
  out: Float32Array;
  /** The largest score and the inverse sum of exponentials, [L, B, heads, T, 2]: written by the forward kernel. */
  moments: Float32Array;
}

interface AttentionArguments {
  lanes: number;
  /** Of all lanes. */
  sequences: number;
  queryCount: number;
  keyCount: number;
  units: number;
  width: number;
  /** [sequences, queryCount, units] and [sequences, keyCount, units] */
  queries: Float32Array;
  keys: Float32Array;
  /** [sequences, keyCount, width] */
  values: Float32Array;
  /** [sequences, keyCount], 0 for a key that does not count. */
  valid?: Uint8Array | undefined;
  /** [lanes, units] */
  score?: Float32Array | undefined;
  /** [sequences, queryCount, width] */
  out: Float32Array;
  /** The largest score and the inverse sum of exponentials, [sequences, queryCount, 2]: written by the forward kernel. */
  moments: Float32Array;
}

interface TreeNodesArguments {
  lanes: number;
  /** Of a lane. */
  nodes: number;
  /** Children of a node; 0 for leaves. */
  arity: number;
  hidden: number;
  /** h and c side by side, [lanes, nodes, arity, 2·hidden]; 0 in the place of a missing child. */
  children?: Float32Array | undefined;
  /** Weights of the sum of h over a node's children [lanes, hidden, 3·hidden], and of each child's h [lanes, hidden, hidden]. */
  sum?: Float32Array | undefined;
  forget?: Float32Array | undefined;
  /** i, g and o, [lanes, nodes, 3·hidden], activated by the forward kernel: of leaves in place, of others written by it. */
  gates: Float32Array;
  /** Of each child, [lanes, nodes, arity, hidden]: written by the forward kernel. */
  forgets?: Float32Array | undefined;
  /** h and c side by side, [lanes, nodes, 2·hidden]: written by the forward kernel. */
  states: Float32Array;
}
