import type { ModelSpec, TaskSpec } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import { outputAxis, type BodyResult } from '../nn/body';
import { linear } from '../functional/linear';
import type { Observer } from '../nn/observer';
import { attentionOutput, lastOutput, meanOutput } from '../nn/pooling';
import { plainAxis, type Parameter } from '../nn/parameter';
import type { PaddedBatch } from '../batches/example-batches';
import type { Named } from '../nn/parameter';
import type { Start } from '../nn/init/start';

export type Pooling = Extract<TaskSpec, { pooling: unknown }>['pooling'];

/** The output layer, torch.nn.Linear from the body's outputs to `outputs` numbers. */
export function headParameters(model: ModelSpec, outputs: number): Parameter[] {
  const top = outputAxis(model);
  const start = { bound: 1 / Math.sqrt(top.blocks * top.size) };
  return [
    { name: 'output.weight', axes: [plainAxis(outputs), top], transposed: true, start },
    { name: 'output.bias', axes: [plainAxis(outputs)], transposed: false, start },
  ];
}

/** How an embedding is initialised: as torch.nn.Embedding, or where it is the output layer too as torch.nn.Linear. */
export const embeddingStart = ({ tieWeights, embeddingSize }: ModelSpec): Start =>
  tieWeights ? { bound: 1 / Math.sqrt(embeddingSize) } : 'normal';

/** The output layer over the symbols that are embedded, whose weights may be the embedding's. */
export const symbolParameters = (model: ModelSpec, symbols: number): Parameter[] =>
  headParameters(model, symbols).filter(({ name }) => !(model.tieWeights && name === 'output.weight'));

/**
 * Its logits: rows [lane, n, width] → [lane, n, symbols]. `embedding`: the name of the embedding's weights, which are the output layer's
 * with `tieWeights` (Press & Wolf 2017).
 */
export function symbolLogits(model: ModelSpec, parameters: Named, rows: Tensor, embedding: string): Tensor {
  if (!model.tieWeights) return output(parameters, rows);
  const table = parameters(embedding); // [lane, symbols, units]
  const [lanes, symbols, units] = table.shape as [number, number, number];
  const padding = rows.shape[2]! - units;
  const wide = padding > 0 ? tf.concat([table, tf.zeros([lanes, symbols, padding])], 2) : table;
  return linear(rows, tf.transpose(wide, [0, 2, 1]), parameters('output.bias'));
}

/** The same after a pooling, with the parameters of the pooling. */
export function pooledHeadParameters(model: ModelSpec, pooling: Pooling, outputs: number): Parameter[] {
  if (pooling !== 'attention') return headParameters(model, outputs);
  const top = outputAxis(model);
  const start = { bound: 1 / Math.sqrt(top.blocks * top.size) };
  return [
    { name: 'attention.weight', axes: [top, top], transposed: true, start },
    { name: 'attention.bias', axes: [top], transposed: false, start },
    { name: 'attention.query', axes: [plainAxis(1), top], transposed: true, start },
    ...headParameters(model, outputs),
  ];
}

const output = (parameters: Named, rows: Tensor): Tensor =>
  linear(rows, parameters('output.weight'), parameters('output.bias'));

/** An answer for each sequence, [lane, batch, outputs]. */
export const pooledHead = (...[model, pooling, parameters, ...read]: Parameters<typeof pooledFeatures>): Tensor =>
  output(parameters, pooledFeatures(model, pooling, parameters, ...read));

/** The input of the output layer for each sequence, [lane, batch, width]. */
export function pooledFeatures(
  model: ModelSpec,
  pooling: Pooling,
  parameters: Named,
  { outputs }: Pick<BodyResult, 'outputs'>,
  { lengths, valid }: PaddedBatch,
  observer?: Observer,
): Tensor {
  const given = { outputs, lengths, bidirectional: model.bidirectional };
  if (pooling === 'last') return lastOutput(given);
  if (pooling === 'mean') return meanOutput(given);
  const { pooled, attention } = attentionOutput(given, valid, {
    weight: parameters('attention.weight'),
    bias: parameters('attention.bias'),
    query: parameters('attention.query'),
  });
  observer?.attend(attention);
  return pooled;
}

/** An answer for each step, [lane, time · batch, outputs]. */
export function alignedHead(parameters: Named, { outputs }: Pick<BodyResult, 'outputs'>): Tensor {
  const [lanes, steps, batch, width] = outputs.shape as [number, number, number, number];
  return output(parameters, tf.reshape(outputs, [lanes, steps * batch, width]));
}

/**
 * A linear layer beside the network, from the last `steps` values of each of `columns` of the input to the outputs that are for it (LSTNet,
 * Lai et al. 2018); outputs are [n · columns · rows ahead].
 */
export interface Autoregression {
  steps: number;
  columns: readonly number[];
}

/** Its parameters: none without steps. It starts at 0, and has no bias beside that of the output layer. */
export const autoregressionParameters = ({ steps }: Autoregression, outputs: number): Parameter[] =>
  steps === 0
    ? []
    : [
        {
          name: 'autoregression.weight',
          axes: [plainAxis(outputs), plainAxis(steps)],
          transposed: true,
          start: { value: 0 },
        },
      ];

/** What it adds to the outputs, [lane, batch, outputs]. Of shorter inputs, which diagnostics cut, the missing values count as 0. */
export function autoregressed(
  { steps, columns }: Autoregression,
  perTarget: number,
  parameters: Named,
  { inputs }: PaddedBatch,
): Tensor {
  const [lanes, length, batch] = inputs.shape as [number, number, number, number];
  const weight = parameters('autoregression.weight'); // [lane, steps, outputs]
  const outputs = weight.shape[2]!;
  const there = Math.min(steps, length);
  const own = there === steps ? weight : tf.slice(weight, [0, steps - there, 0], [lanes, there, outputs]);
  const from = (column: number, weights: Tensor): Tensor => {
    const last = tf.slice(inputs, [0, length - there, 0, column], [lanes, there, batch, 1]);
    return tf.matMul(tf.reshape(last, [lanes, there, batch]), weights, true, false);
  };
  if (columns.length === 1) return from(columns[0]!, own);
  const horizon = outputs / perTarget / columns.length;
  const apart = tf.reshape(own, [lanes * there * perTarget, columns.length * horizon]);
  const each = columns.map((column, place) => {
    const weights = tf.slice(apart, [0, place * horizon], [lanes * there * perTarget, horizon]);
    const added = from(column, tf.reshape(weights, [lanes, there, perTarget * horizon]));
    return tf.reshape(added, [lanes * batch * perTarget, horizon]);
  });
  return tf.reshape(tf.concat(each, 1), [lanes, batch, outputs]);
}
