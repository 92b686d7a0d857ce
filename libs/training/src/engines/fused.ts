import { tf } from './tfjs';

/**
 * Kernels that an engine may have in place of several plain operations; where it has not, those operations run.
 *
 * `CrossEntropy`. Inputs: logits [lane, n, classes], classes [lane, n] int32, valid? [lane, n] bool. Outputs: the losses in nats
 * [lane, n], 0 where they do not count, and the probabilities [lane, n, classes].
 */
export const crossEntropyKernel = 'CrossEntropy';

/**
 * Inputs: probabilities, classes, valid? as above, scales [lane]. Output: the gradient of the logits, (p − 1 at the right
 * class)·scale, 0 where a target does not count.
 */
export const crossEntropyGradientKernel = 'CrossEntropyGradient';

/**
 * Connectionist temporal classification. Inputs: logits [lane, time, batch, classes]; labels [lane, batch, maximum], labelLengths and inputLengths
 * [lane, batch], int32. Outputs: the loss of each sequence in nats [lane, batch], and its gradient by the logits, 0 behind a sequence's end.
 */
export const ctcKernel = 'Ctc';

/** Inputs: x [lane, rows, inputs], weight [lane, inputs, outputs], bias [lane, 1, outputs]. Output: x·W + b. */
export const linearKernel = 'Linear';

/**
 * Input: flat [lane, length]. Attributes: shapes, offsets. Outputs: the parameters of that layout, each [lane, rows, columns].
 */
export const splitKernel = 'LaneSplit';

/** The other way. Inputs: 0, 1, …, each [lane, rows, columns]. Attributes: offsets, length. Output: [lane, length], 0 at the end. */
export const joinKernel = 'LaneJoin';

/** Input: x [lane, length]. Output: the Euclidean norm of each lane, [lane, 1]. */
export const normsKernel = 'LaneNorms';

/**
 * One clipped update of an optimizer. Inputs: parameters, gradient, slot0, slot1?, all [lane, length], norms and limits
 * [lane, 1], scalars [names, lane, 1] in the order of the optimizer's `scalars`. Attribute: kind. Outputs: parameters, slots.
 */
export const updateKernel = 'LaneUpdate';

/**
 * A class drawn for each row. Inputs: logits [row, classes], numbers in [0, 1) [row, 1]. Output: int32 [row], the first class whose
 * distribution function under softmax(logits) lies above the number.
 */
export const drawKernel = 'LaneDraw';

/**
 * Windows of streams whose tokens lie on the device. Inputs: tokens [n] int32, starts [lane] int32, the step at which each lane's window begins. Attributes: stride
 * (steps of a row), length, batch, context. Outputs, int32: ids [lane, length, batch], and classes [lane, (length − context) · batch].
 */
export const tokenWindowsKernel = 'TokenWindows';

/** Whether the current engine has a kernel. */
export const hasKernel = (name: string): boolean => tf.getKernel(name, tf.getBackend()) !== undefined;
