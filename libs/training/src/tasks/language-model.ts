import { hiddenBucket, type ModelSpec, type TrainingSpec } from '@unroll/contracts';
import type { TokenData } from '@unroll/datasets';
import { cellOf } from '../cells/cells';
import { tf, type Tensor } from '../engines/tfjs';
import { linear } from '../layers/linear';
import { recurrentStack, tokenInput, type StackResult } from '../layers/stack';
import { crossEntropy } from '../layers/cross-entropy';
import { languageModelParameters } from '../parameters';
import { sampleText } from './sampling';
import { contiguousStreams, windowArrays, windowCount, type Streams, type Window } from './streams';
import type { Batch, Named, OpenTask, States, Task } from './task';

/** Predicts the next token: embedding → recurrent layers → output layer, mean cross-entropy in nats. */
export const languageModel: Task<TokenData> = {
  kind: 'language-model',
  parameters: ({ model }, { vocabulary }) => languageModelParameters(model, vocabulary.length),
  open: ({ model, training }, { vocabulary, train, validation }) =>
    openLanguageModel(model, training, vocabulary, {
      train: contiguousStreams(train, training.batchSize),
      validation: contiguousStreams(validation, training.batchSize),
    }),
};

/** TBPTT(k1, k2) as a window. */
function windowOf({ bptt }: Pick<TrainingSpec, 'bptt'>): Window {
  const { k1, k2 } = typeof bptt === 'number' ? { k1: bptt, k2: bptt } : bptt;
  return { scored: k1, context: k2 - k1 };
}

/** The task over streams that are already there. `model.hiddenSize` counts only by its bucket. */
export function openLanguageModel(
  model: ModelSpec,
  training: Pick<TrainingSpec, 'bptt' | 'stateful'>,
  vocabulary: readonly string[],
  streams: { train: Streams; validation: Streams },
): OpenTask {
  const cell = cellOf(model);
  const hidden = hiddenBucket(model.hiddenSize);
  const window = windowOf(training);
  const perPass = windowCount(streams.train, window);
  // With the weights at rest a carried state is the recomputed one, so a stateful validation needs no context.
  const validationWindow: Window = training.stateful ? { ...window, context: 0 } : window;
  const zeroStates = (lanes: number, batch = streams.train.batch): States =>
    Array.from({ length: cell.states }, () =>
      Array.from({ length: model.layers }, () => tf.zeros([lanes, batch, hidden])),
    );
  /** ids int32 [lane, time, batch] → the last layer's outputs [lane, time, batch, hidden], and the final states. */
  const run = (
    parameters: Named,
    ids: Tensor,
    states: States,
    steps: Tensor | undefined,
    training: boolean,
  ): StackResult =>
    recurrentStack(
      { cell, layers: model.layers, bidirectional: false, parameters: (name) => parameters(`recurrent.${name}`) },
      tokenInput(parameters('embedding.weight'), ids),
      states,
      { valid: steps, training },
    );
  /** rows [lane, n, hidden] → logits [lane, n, vocabulary] */
  const output = (parameters: Named, rows: Tensor): Tensor =>
    linear(rows, parameters('output.weight'), parameters('output.bias'));

  return {
    zeroStates,
    stateAge: training.stateful ? (window.context + window.scored) / window.scored : 0,
    sinceReset: ({ update }) => (update - 1) % perPass,
    trainingBatch: (positions) =>
      batchOf(
        streams.train,
        window,
        positions.map(({ update }) => (update - 1) % perPass),
        'mean',
      ),
    loss(parameters, { ids, context, steps, classes, valid, weight }, before, training) {
      const { outputs, states } = run(parameters, ids, before, steps, training);
      const [lanes, length, batch] = ids.shape as [number, number, number];
      const scored =
        context > 0 ? tf.slice(outputs, [0, context, 0, 0], [lanes, length - context, batch, hidden]) : outputs;
      const rows = tf.reshape(scored, [lanes, (length - context) * batch, hidden]);
      return { loss: crossEntropy(output(parameters, rows), { classes, valid, weight }), states };
    },
    validationBatches: windowCount(streams.validation, validationWindow),
    validationBatch: (index, lanes) =>
      batchOf(streams.validation, validationWindow, Array<number>(lanes).fill(index), 'sum'),
    validationCarries: training.stateful,
    metrics: (nats) => ({ loss: nats, perplexity: Math.exp(nats), bitsPerToken: nats / Math.LN2 }),
    sample: (parameters, positions, length) =>
      sampleText({
        vocabulary,
        positions,
        length,
        start: () => zeroStates(positions.length, 1),
        step(ids, states) {
          const result = run(parameters, ids, states, undefined, false);
          return { logits: output(parameters, tf.squeeze(result.outputs, [1])), states: result.states };
        },
      }),
  };
}

/** Windows of the streams as tensors, one of each lane. */
function batchOf(streams: Streams, window: Window, indices: readonly number[], loss: 'mean' | 'sum'): Batch {
  const lanes = indices.length;
  const length = window.context + window.scored;
  const { ids, classes, valid, counts, steps } = windowArrays(streams, window, indices);
  const n = window.scored * streams.batch;
  return {
    ids: tf.tensor3d(ids, [lanes, length, streams.batch], 'int32'),
    classes: tf.tensor2d(classes, [lanes, n], 'int32'),
    valid: counts.every((count) => count === n) ? undefined : tf.tensor2d(valid, [lanes, n], 'bool'),
    weight: tf.tensor2d(
      Float32Array.from(counts, (count) => (loss === 'mean' ? 1 / count : 1)),
      [lanes, 1],
    ),
    counts,
    steps: steps && tf.tensor3d(steps, [lanes, length, streams.batch], 'bool'),
    context: window.context,
  };
}
