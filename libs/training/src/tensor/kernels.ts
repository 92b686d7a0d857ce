import { backendAs, findKernel, tf, type Tensor } from './tfjs';

/**
 * Kernels that an engine may have in place of several plain operations, which run otherwise.
 *
 * `CrossEntropy`. Inputs: logits [lane, n, classes], classes [lane, n] int32, valid? [lane, n] bool. Attribute: overwrites, whether the
 * logits may be written over. Outputs: the losses in nats [lane, n], 0 where they do not count, and the probabilities [lane, n, classes].
 */
export const crossEntropyKernel = 'CrossEntropy';

/**
 * Inputs: probabilities, classes, valid? as above, scales [lane]. Attribute: overwrites, whether the probabilities may be written over.
 * Output: the gradient of the logits, (p − 1 at the right class)·scale, 0 where a target does not count.
 */
export const crossEntropyGradientKernel = 'CrossEntropyGradient';

/**
 * Connectionist temporal classification. Inputs: logits [lane, time, batch, classes]; labels [lane, batch, maximum],
 * labelLengths and inputLengths [lane, batch], int32. Outputs: the loss of each sequence in nats [lane, batch], and its
 * gradient by the logits, 0 after a sequence's end.
 */
export const ctcKernel = 'Ctc';

/**
 * −ln of a density. Inputs: outputs [lane, rows, n · width], of a row the first numbers of all targets, then the second; target
 * [lane, rows, width]. Attribute: name, one of `densities`. Outputs: the loss of each target in nats, and its gradient by the outputs.
 */
export const densityKernel = 'Density';

/**
 * Inputs: x [lane, rows, inputs], weight [lane, inputs, outputs], bias [lane, 1, outputs], added? of the output's shape. Attribute
 * `activation`, 'relu' or 'tanh', or neither. Output: that of x·W + b plus `added`.
 */
export const linearKernel = 'Linear';

/**
 * Input: flat [lane, length]. Attributes: shapes, offsets, and lanes `from` up to but not including `to`, which are all lanes on a GPU.
 * Outputs: the parameters of that layout of those lanes, each [lane, rows, columns].
 */
export const splitKernel = 'LaneSplit';

/**
 * The inverse. Inputs: 0, 1, …, each [lane, rows, columns], and not on a GPU as many again for each further group of lanes. Attributes:
 * offsets, length. Output: [lane, length], 0 at the end.
 */
export const joinKernel = 'LaneJoin';

/**
 * A layer whose units do not see one another, over a whole sequence. Inputs: inputs [lane, time, batch, inputs·hidden], weights? [lane, 1
 * or batch, weights·hidden], valid? bool [lane, time, batch], start [lane, batch, states·hidden]. Attributes: cell, one of `scanCells` in
 * libs/kernels, which says how many blocks of each there are; reverse, training. Outputs: the states after each step, 0 at steps that do
 * not count, [lane, time, batch, states·hidden]; the last ones; and with `training` and `valid` the states after each step once more,
 * those of steps that do not count included.
 */
export const scanKernel = 'Scan';

/**
 * Inputs: those of the forward kernel, all its outputs as output0, output1, …, and the gradients of the first two as gradient0 and
 * gradient1. Attributes: those of the forward kernel. Outputs: the gradients of inputs, start and, where they were given, weights.
 */
export const scanGradientKernel = 'ScanGradient';

/**
 * A selective state space (Gu & Dao 2023) with its gates. Inputs: inputs [lane, time, batch, 3·hidden], x, Δ and the gate before their
 * functions; mixing [lane, time, batch, 2·N], B and C, N being `selectiveStates` in libs/kernels; weights [lane, 1, (N + 2)·hidden], A_log,
 * D and the bias of Δ; valid? bool [lane, time, batch]; start [lane, batch, N·hidden]. Attributes: reverse, training. Outputs: outputs
 * [lane, time, batch, hidden], 0 at steps that do not count; the last states; and with `training` what the gradient needs, if anything.
 */
export const selectiveScanKernel = 'SelectiveScan';

/**
 * Inputs: those of the forward kernel, its third output as output2, and the gradients of the first two as gradient0 and gradient1.
 * Attributes: those of the forward kernel. Outputs: the gradients of inputs, mixing, weights and start.
 */
export const selectiveScanGradientKernel = 'SelectiveScanGradient';

/** Input: x [lane, rows, 3·hidden]. Output: x·σ(x) of its first block, [lane, rows, hidden]. */
export const firstSiluKernel = 'FirstSilu';

/** Inputs: x as above, and the gradient of the output. Output: that of x, 0 after the first block. */
export const firstSiluGradientKernel = 'FirstSiluGradient';

/**
 * An mLSTM (Beck et al. 2024) with its gates, of N heads of d units. Inputs: projected [lane, time, batch, 4·hidden], q, k, v and o before
 * its function, finite at steps that do not count; weight_i and weight_f [lane, 3·hidden, N], bias_i and bias_f [lane, 1, N]; valid? bool
 * [lane, time, batch]; C [lane, batch, hidden·d], n [lane, batch, hidden], m [lane, batch, N]. Attributes: reverse, training. Outputs:
 * outputs [lane, time, batch, hidden], 0 at steps that do not count; the last C, n and m; and with `training` two tensors that the
 * gradient needs.
 */
export const mlstmKernel = 'Mlstm';

/**
 * Inputs: those of the forward kernel, its outputs 0, 4 and 5 as output0, output4 and output5, and the gradients of the first four as
 * gradient0, …. Attributes: those of the forward kernel. Outputs: the gradients of projected, weight_i, weight_f, bias_i, bias_f, C, n, m.
 */
export const mlstmGradientKernel = 'MlstmGradient';

/** Inputs: x, y [·, 2·width]. Output: z₁∘σ(z₂) of the halves of z = x + y, [·, width]. */
export const gatedLinearUnitKernel = 'GatedLinearUnit';

/** Inputs: x, y, and the gradient of the output. Output: the gradient of z. */
export const gatedLinearUnitGradientKernel = 'GatedLinearUnitGradient';

/** Input: x [lane, length]. Output: the Euclidean norm of each lane, [lane, 1]. */
export const normsKernel = 'LaneNorms';

/**
 * One clipped update of an optimizer of that kind. Inputs: parameters, gradient, slot0, slot1?, all [lane, length], norms and limits
 * [lane, 1], scalars [scalar, lane, 1] in the order of the optimizer's `scalarNames`. Outputs: parameters, slots.
 */
export const updateKernel = (kind: string): string => `LaneUpdate ${kind}`;

/** The same, but a lane whose norm is not finite keeps its parameters and slots. */
export const skippingUpdateKernel = (kind: string): string => `LaneUpdate ${kind}, or none`;

/**
 * The loss scales of lanes after an update (loop/loss-scales.ts). Inputs, each [lane, 1]: scales, inverses, good, raw, norms. Outputs:
 * scales, inverses, good, and the norms that say which lanes skip the update.
 */
export const lossScaleKernel = 'LossScale';

/**
 * A class drawn for each row. Inputs: logits [row, classes], numbers in [0, 1) [row, 1]. Output: int32 [row], the first class whose
 * distribution function under softmax(logits) lies above the number.
 */
export const drawKernel = 'LaneDraw';

/**
 * Windows of streams whose tokens are on the device. Inputs: tokens [n] int32, starts [lane] int32, the step at which each
 * lane's window begins. Attributes: stride (steps of a row), length, batch, context. Outputs, int32: ids [lane, length,
 * batch], and classes [lane, (length − context) · batch].
 */
export const tokenWindowsKernel = 'TokenWindows';

/**
 * Masks of inverted dropout. Inputs: keys int32 [lane, 4], words of 32 bits: the key of the lane's stream, the counter's
 * first word, and the least number that is kept; scales [lane]. Attributes: rows, blocks, width; blocksOfRow and units, how
 * far rows and blocks are apart in the counter's second word. Output: [lane, rows, blocks · width], 0 for what is dropped,
 * else the scale.
 */
export const dropoutMaskKernel = 'DropoutMask';

/**
 * Tokens of which a fraction is replaced. Inputs: ids int32 [lane, ...], keys as above, with the least number kept in 24
 * bits. Attribute: vocabulary, up to 2²⁰. Output: as ids.
 */
export const tokenDropoutKernel = 'TokenDropout';

/**
 * Sequences side by side, padded with 0. Inputs: values [steps of all sequences, width] float32 or int32, rows int32 [lane,
 * batch, 2], where each begins among all steps, and its number of steps. Attribute: steps. Output, of the values' type:
 * [lane, steps, batch, width].
 */
export const sequenceRowsKernel = 'SequenceRows';

/** Whether the current engine has a kernel. */
export const hasKernel = (name: string): boolean => findKernel(name, tf.getBackend()) !== undefined;

/** Whether the current engine computes on a device with memory of its own. */
export const isOnDevice = (): boolean => backendAs<{ device?: object }>().device !== undefined;

/** Words of 32 bits, four of each lane, as `keys` of the kernels that draw: int32 [lane, 4]. */
export const keyTensor = (lanes: readonly (readonly number[])[]): Tensor =>
  tf.tensor2d(
    Int32Array.from(lanes.flat(), (word) => word | 0),
    [lanes.length, 4],
    'int32',
  );

/** The most bytes of data that are kept on a device in one tensor: more are not worth it. */
const mostKept = 2 ** 28;

/** Whether this many values of data fit on the current engine's device as one tensor, and are worth it. */
export function fitsOnDevice(values: number): boolean {
  const { device } = backendAs<{ device?: { limits: Record<string, number> } }>();
  const { maxStorageBufferBindingSize: bound = Infinity, maxBufferSize: buffer = Infinity } = device?.limits ?? {};
  return 4 * values <= Math.min(mostKept, bound, buffer);
}
