/**
 * Kernels of layers that an engine may have in place of several plain operations, which run otherwise.
 *
 * `LinearGradient`. Inputs: x [lane, rows, inputs], weight [lane, inputs, outputs], gradient [lane, rows, outputs]. Attribute
 * `gated`: the gradient of x is 0 where x is not positive, as behind a relu. Outputs: the gradients of x, weight and bias.
 */
export const linearGradientKernel = 'LinearGradient';

/** Inputs: y, the tanh of something, and gradient, that of y. Output: gradient·(1 − y²). */
export const tanhGradientKernel = 'TanhGradient';

/**
 * Inputs: x [lane, rows, n], gain and shift? [lane, 1, n]. Outputs: the normalised rows, and the mean and the inverse deviation of
 * each, [lane, rows, 2].
 */
export const layerNormKernel = 'LayerNorm';

/** Inputs: x, gain, moments (the second output), gradient, added? (to the gradient of x). Outputs: the gradients of x, gain, shift. */
export const layerNormGradientKernel = 'LayerNormGradient';

/**
 * Causal attention within sequences. Inputs: three [lane, time, batch, 3·hidden], valid? bool [lane, time, batch]. Attribute:
 * heads. Outputs: [lane, time, batch, hidden], and the largest score and the inverse sum of exponentials, [lane, batch, heads,
 * time, 2].
 */
export const selfAttentionKernel = 'SelfAttention';

/** Inputs: those of the forward kernel, its outputs as output and moments, gradient. Output: the gradient of three. */
export const selfAttentionGradientKernel = 'SelfAttentionGradient';

/**
 * Attention to other sequences. Inputs: queries [sequence, n, units], keys [sequence, source, units], values [sequence, source,
 * width], valid? bool [sequence, 1, source], score? [lane, units, 1] for scores v·tanh(q + k) instead of q·k. Outputs: the
 * contexts [sequence, n, width], the weights [sequence, n, source], and the largest score and the inverse sum of exponentials,
 * [sequence, n, 2].
 */
export const attentionKernel = 'Attention';

/**
 * Inputs: those of the forward kernel, output and moments from its outputs, gradient. Outputs: the gradients of queries, keys,
 * values, and score where it was given.
 */
export const attentionGradientKernel = 'AttentionGradient';

/**
 * Leaves of child-sum tree-LSTMs. Input: gates [lane, nodes, 3·hidden], before their nonlinearities. Outputs: h and c [lane, nodes,
 * 2·hidden], and the activated gates.
 */
export const treeLeavesKernel = 'TreeLeaves';

/** Inputs: the outputs as states and gates, gradient of the first. Output: the gradient of the gates before. */
export const treeLeavesGradientKernel = 'TreeLeavesGradient';

/**
 * Inner nodes of child-sum tree-LSTMs. Inputs: children [lane, nodes·arity, 2·hidden], sum, forget, bias, forgetBias as
 * nn/cells/child-sum-lstm.ts has them. Attribute: arity. Outputs: h and c [lane, nodes, 2·hidden], the activated gates [lane, nodes,
 * 3·hidden], and those of the children [lane, nodes·arity, hidden].
 */
export const childSumKernel = 'ChildSum';

/**
 * Inputs: children, sum, forget, the outputs as states, gates and forgets, gradient of the first. Attribute: arity. Outputs: the
 * gradients of children, sum, forget, bias and forgetBias.
 */
export const childSumGradientKernel = 'ChildSumGradient';

/** Inputs: x [rows, width], places int32 [n]. Output: [n, width], the rows at the places, 0 where a place is −1. */
export const takeRowsKernel = 'TakeRows';
