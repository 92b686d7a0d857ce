import type { ModelSpec, TaskSpec } from '@unroll/contracts';
import { differentiable } from '../tensor/differentiable';
import { hasKernel } from '../tensor/kernels';
import { attentionGradientKernel, attentionKernel } from '../tensor/layer-kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { plainAxis, type Axis, type Parameter } from './parameter';
import { outputAxis } from './body';
import { linear, linearTanh } from '../functional/linear';

export type AttentionKind = Extract<TaskSpec, { attention: unknown }>['attention'];

/** A score low enough for weight 0, yet finite, so that a gradient of 0 stays 0. */
const unseen = -1e30;

/** What a decoder attends to: the outputs of an encoder, prepared once for all of its steps. */
export interface Memory {
  kind: Exclude<AttentionKind, 'none'>;
  lanes: number;
  /** The keys, [lane·batch, source, units]. */
  keys: Tensor;
  /** The values, [lane·batch, source, width]. */
  values: Tensor;
  /** Steps of the source that count, bool [lane·batch, 1, source]; undefined where all do. */
  valid: Tensor | undefined;
}

/** The units of a decoder's top layer. */
const decoderAxis = (model: ModelSpec): Axis => outputAxis({ ...model, bidirectional: false });

/**
 * The parameters of attention, prefixed `attention.`: those of the scores, and of the layer that combines context and
 * state.
 */
export function decoderAttentionParameters(model: ModelSpec, kind: AttentionKind): Parameter[] {
  if (kind === 'none') return [];
  const [source, own] = [outputAxis(model), decoderAxis(model)];
  const matrix = (name: string, rows: Axis, columns: Axis): Parameter => ({
    name: `attention.${name}`,
    axes: [rows, columns],
    transposed: true,
    start: { bound: 1 / Math.sqrt(columns.blocks * columns.size) },
  });
  const joined: Axis = { ...own, blocks: source.blocks + 1 };
  const join = matrix('join.weight', own, joined);
  if (kind === 'dot') return [join];
  if (kind === 'general') return [matrix('key.weight', own, source), join];
  const bias: Parameter = {
    name: 'attention.query.bias',
    axes: [own],
    transposed: false,
    start: { bound: 1 / Math.sqrt(own.size) },
  };
  return [
    matrix('key.weight', own, source),
    matrix('query.weight', own, own),
    bias,
    matrix('score.weight', plainAxis(1), own),
    join,
  ];
}

/** An encoder's outputs [lane, source, batch, width] as a memory; `valid` bool [lane, source, batch]. */
export function toMemory(
  kind: AttentionKind,
  parameters: (name: string) => Tensor,
  outputs: Tensor,
  valid: Tensor | undefined,
): Memory | undefined {
  if (kind === 'none') return undefined;
  const [lanes, steps, batch, width] = outputs.shape as [number, number, number, number];
  const rows = tf.transpose(outputs, [0, 2, 1, 3]); // [lane, batch, source, width]
  const values = tf.reshape(rows, [lanes * batch, steps, width]);
  const mask = valid && tf.transpose(tf.cast(valid, 'int32'), [0, 2, 1]);
  const known = {
    ...{ kind, lanes, values },
    valid: mask && tf.cast(tf.reshape(mask, [lanes * batch, 1, steps]), 'bool'),
  };
  if (kind === 'dot') return { ...known, keys: values };
  const projected = tf.matMul(tf.reshape(rows, [lanes, batch * steps, width]), parameters('attention.key.weight'));
  return { ...known, keys: tf.reshape(projected, [lanes * batch, steps, projected.shape[2]!]) };
}

/**
 * The result of attention at a decoder's states: [lane, batch·n, units] with n states of each sequence side by side → the
 * same shape, tanh(W·[context; state]) of Luong et al. 2015, equation 5; and the weights, [lane·batch, n, source]. Scores:
 * dot and general as in their equation 8; additive as in Bahdanau et al. 2015, appendix A.1.2. Steps that do not count have
 * weight 0.
 */
export function attend(
  parameters: (name: string) => Tensor,
  memory: Memory,
  states: Tensor,
): { seen: Tensor; weights: Tensor } {
  const [lanes, rows] = states.shape as [number, number, number];
  const { width, context, weights } = hasKernel(attentionKernel)
    ? fused(parameters, memory, states)
    : composite(parameters, memory, states);
  const joined = tf.concat([tf.reshape(context, [lanes, rows, width]), states], 2);
  const join = parameters('attention.join.weight');
  return { seen: linearTanh(joined, join, tf.zeros([lanes, 1, join.shape[2]!])), weights };
}

/** The values weighted, [lane·batch, n, width], and the weights, [lane·batch, n, source]. */
interface Attended {
  context: Tensor;
  weights: Tensor;
  width: number;
}

function composite(parameters: (name: string) => Tensor, memory: Memory, states: Tensor): Attended {
  const { values, valid } = memory;
  const scores = attentionScores(parameters, memory, states); // [lane·batch, n, source]
  const mask = valid && tf.cast(tf.tile(tf.cast(valid, 'int32'), [1, scores.shape[1]!, 1]), 'bool');
  const weights = tf.softmax(mask ? tf.where(mask, scores, tf.fill(scores.shape, unseen)) : scores);
  return { context: tf.matMul(weights, values), weights, width: values.shape[2]! };
}

/** By the engine's own kernel, which keeps none of the sums of additive scores. The weights have no gradient. */
function fused(parameters: (name: string) => Tensor, memory: Memory, states: Tensor): Attended {
  const { keys, values, valid } = memory;
  const queries = attentionQueries(parameters, memory, states);
  const score = memory.kind === 'additive' ? parameters('attention.score.weight') : undefined;
  const inputs = { queries, keys, values, ...(score ? { score } : {}) };
  const all = { ...inputs, ...(valid ? { valid } : {}) };
  const names = Object.keys(all);
  const [context, weights] = differentiable({
    inputs,
    forward(save) {
      const [output, given, moments] = runKernel(attentionKernel, all) as [Tensor, Tensor, Tensor];
      save([...Object.values(all), output, moments]);
      return [output, given];
    },
    backward([gradient], saved) {
      const read = Object.fromEntries(names.map((name, index) => [name, saved[index]!]));
      const [output, moments] = saved.slice(names.length) as [Tensor, Tensor];
      const results = runKernel(attentionGradientKernel, { ...read, output, moments, gradient: gradient! });
      return Object.fromEntries(Object.keys(inputs).map((name, index) => [name, () => results[index]!]));
    },
  });
  return { context: context!, weights: weights!, width: values.shape[2]! };
}

/** What the states ask by: [lane·batch, n, units]. */
function attentionQueries(parameters: (name: string) => Tensor, { kind, lanes, keys }: Memory, states: Tensor): Tensor {
  const [sequences, , units] = keys.shape as [number, number, number];
  const queries =
    kind === 'additive'
      ? linear(states, parameters('attention.query.weight'), parameters('attention.query.bias'))
      : states;
  return tf.reshape(queries, [sequences, states.shape[1]! / (sequences / lanes), units]);
}

function attentionScores(parameters: (name: string) => Tensor, memory: Memory, states: Tensor): Tensor {
  const { kind, lanes, keys } = memory;
  const [sequences, source, units] = keys.shape as [number, number, number];
  const queries = attentionQueries(parameters, memory, states);
  if (kind !== 'additive') return tf.matMul(queries, keys, false, true);
  const count = queries.shape[1]!;
  const sums = tf.tanh(
    tf.add(tf.reshape(queries, [sequences, count, 1, units]), tf.reshape(keys, [sequences, 1, source, units])),
  );
  const rows = tf.reshape(sums, [lanes, (sequences / lanes) * count * source, units]);
  return tf.reshape(tf.matMul(rows, parameters('attention.score.weight')), [sequences, count, source]);
}
