/** The kernels of layers that are not recurrent: part of `Kernels`, whose conventions apply. L lanes, T steps, B rows, H units. */
export interface LayerKernels {
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
  /** Nodes of child-sum tree-LSTMs from the sums in their gates, which are activated in place. */
  treeNodes(args: TreeNodesArguments): void;
  treeNodesGradient(
    args: TreeNodesArguments & {
      gradStates: Float32Array;
      gradGates: Float32Array;
      gradForgets?: Float32Array | undefined;
      /** Only the half of c is written. */
      gradChildren?: Float32Array | undefined;
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
  nodes: number;
  /** Children of a node; 0 for leaves. */
  arity: number;
  hidden: number;
  /** h and c side by side, [nodes, arity, 2·hidden]; 0 in the place of a missing child. */
  children?: Float32Array | undefined;
  /** i, g and o, [nodes, 3·hidden]. */
  gates: Float32Array;
  /** Of each child, [nodes, arity, hidden]. */
  forgets?: Float32Array | undefined;
  /** h and c side by side, [nodes, 2·hidden]: written by the forward kernel. */
  states: Float32Array;
}
