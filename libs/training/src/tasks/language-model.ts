import type { ModelSpec, TrainingSpec } from '@unroll/contracts';
import type { PreparedData, TokenData, TokenSource } from '@unroll/datasets';
import { withTokenDropout, withTokenDropoutThere } from '../batches/augmentation';
import { tf, type Tensor } from '../tensor/tfjs';
import { bodyParameters, runBody, zeroStates, type BodyOptions, type BodyResult } from '../nn/body';
import { crossEntropy, smoothedCrossEntropy, type Targets } from '../losses/cross-entropy';
import { linear } from '../functional/linear';
import { tokenInput } from '../nn/stack';
import { plainAxis, type Parameter } from '../nn/parameter';
import { deviceWindows, type DeviceWindows } from '../batches/device-windows';
import { headParameters } from './head';
import { inspectStreams } from './inspected-streams';
import { rereading, sampleText } from '../decoding/sampling';
import {
  contiguousStreams,
  windowArrays,
  windowCount,
  type Streams,
  type Window,
  type WindowArrays,
} from '../batches/streams';
import { underPrefix, type Named } from '../nn/parameter';
import type { OpenTask, Task, Writer } from './task';

/** Predicts the next token: embedding → recurrent layers → output layer, mean cross-entropy in nats. */
export const languageModel: Task = {
  kind: 'language-model',
  parameters: ({ model }, data) => languageModelParameters(model, textOf(data).vocabulary.length),
  open({ model, training }, data) {
    const { vocabulary, separator, train, validation, test } = textOf(data);
    const streams = (tokens: TokenSource): Streams => contiguousStreams(tokens, training.batchSize);
    return openLanguageModel(
      model,
      training,
      { vocabulary, separator },
      { train: streams(train), validation: streams(validation), test: test && streams(test) },
    );
  },
};

/** The parameters of embedding → body → output layer, embedding and output layer started as torch.nn.Embedding and Linear. */
export function languageModelParameters(model: ModelSpec, vocabulary: number): Parameter[] {
  return [
    {
      name: 'embedding.weight',
      axes: [plainAxis(vocabulary), plainAxis(model.embeddingSize)],
      transposed: false,
      start: 'normal',
    },
    ...bodyParameters(model, model.embeddingSize, 'recurrent.'),
    ...headParameters(model, vocabulary),
  ];
}

function textOf(data: PreparedData): TokenData {
  if (data.kind !== 'tokens') throw new Error('a language model learns from a text');
  return data;
}

/** TBPTT(k1, k2) as a window. */
function windowOf({ bptt }: Pick<TrainingSpec, 'bptt'>): Window {
  if (bptt === 'full') throw new Error('a text is one long stream: bptt must be a window');
  const { k1, k2 } = typeof bptt === 'number' ? { k1: bptt, k2: bptt } : bptt;
  return { scored: k1, context: k2 - k1 };
}

/** The task over streams that are already there. `model.hiddenSize` counts only by its bucket. */
export function openLanguageModel(
  model: ModelSpec,
  training: Pick<TrainingSpec, 'bptt' | 'stateful'>,
  { vocabulary, separator }: Pick<TokenData, 'vocabulary' | 'separator'>,
  streams: { train: Streams; validation: Streams; test?: Streams | undefined },
): OpenTask<Batch> {
  const window = windowOf(training);
  const perPass = windowCount(streams.train, window);
  // With the weights at rest a carried state is the recomputed one, so a stateful validation needs no context.
  const heldWindow: Window = training.stateful ? { ...window, context: 0 } : window;
  const width = vocabulary.length;
  const onDevice = new Map<Streams, DeviceWindows | undefined>();
  /** Windows whose tokens lie on the device, where those of `read` do. */
  const deviceOf = (read: Streams, readWindow: Window): DeviceWindows | undefined => {
    if (!onDevice.has(read)) onDevice.set(read, deviceWindows(read, readWindow));
    return onDevice.get(read);
  };
  /** ids int32 [lane, time, batch] → outputs [lane, time, batch, width], and the final states. */
  const run = (parameters: Named, ids: Tensor, options: BodyOptions): BodyResult =>
    runBody(model, (name) => parameters(`recurrent.${name}`), tokenInput(parameters('embedding.weight'), ids), options);
  /** Logits of the steps that bear loss, [lane, n, vocabulary]. */
  const logitsOf = (parameters: Named, outputs: Tensor, context: number): Tensor => {
    const [lanes, length, batch, units] = outputs.shape as [number, number, number, number];
    const scored =
      context > 0 ? tf.slice(outputs, [0, context, 0, 0], [lanes, length - context, batch, units]) : outputs;
    const rows = tf.reshape(scored, [lanes, (length - context) * batch, units]);
    return linear(rows, parameters('output.weight'), parameters('output.bias'));
  };

  /** The window `index` of a held-out part, the same for every lane, and how many targets of each count. */
  const heldBatch = (held: Streams, index: number, lanes: number): { counts: readonly number[]; batch: Batch } => {
    const indices = Array<number>(lanes).fill(index);
    const found = deviceOf(held, heldWindow)?.at(indices);
    if (found)
      return { counts: indices.map(() => held.batch * heldWindow.scored), batch: wholeBatch(found, heldWindow, 'sum') };
    const arrays = windowArrays(held, heldWindow, indices);
    return { counts: arrays.counts, batch: batchOf(arrays, held, heldWindow, 'sum') };
  };

  const isTransformer = model.cell === 'transformer';
  const writer: Writer = {
    ...{ vocabulary, separator },
    ...(isTransformer ? { rereads: window.context + window.scored } : {}),
    start: (rows) => zeroStates(model, 1, rows),
    step(parameters, ids, before) {
      const { outputs, states } = run(parameters, ids, { states: before, training: false });
      return { logits: logitsOf(parameters, outputs, 0), states };
    },
  };

  return {
    writer,
    updatesPerEpoch: perPass,
    evenBatches: true,
    zeroStates: (lanes) => zeroStates(model, lanes, streams.train.batch),
    stateAge: training.stateful ? (window.context + window.scored) / window.scored : 0,
    sinceReset: ({ update }) => (update - 1) % perPass,
    trainingBatch(positions) {
      const indices = positions.map(({ update }) => (update - 1) % perPass);
      const found = deviceOf(streams.train, window)?.at(indices);
      const ids = found && withTokenDropoutThere(found.ids, positions, width);
      if (ids) return wholeBatch({ ...found, ids }, window, 'mean');
      const arrays = windowArrays(streams.train, window, indices);
      return batchOf({ ...arrays, ids: withTokenDropout(arrays.ids, positions, width) }, streams.train, window, 'mean');
    },
    loss(parameters, { ids, context, steps, ...targets }, states, positions) {
      const result = run(parameters, ids, { states, valid: steps, training: true, random: positions });
      const logits = logitsOf(parameters, result.outputs, context);
      const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
      const loss = smoothedCrossEntropy(logits, targets, rates);
      return { loss, states: result.states, measured: underPrefix('recurrent.', result.measured) };
    },
    evaluation(part, lanes) {
      const held = streams[part];
      if (!held) throw new Error(`the data has no ${part} part`);
      const [sums, counts] = [new Float64Array(lanes), new Float64Array(lanes)];
      return {
        batches: windowCount(held, heldWindow),
        zeroStates: () => zeroStates(model, lanes, held.batch),
        measure(parameters, index, before) {
          const { counts: counted, batch } = heldBatch(held, index, lanes);
          const { ids, context, steps, ...targets } = batch;
          const options = { states: before, valid: steps, training: false };
          const { outputs, states } = run(parameters, ids, options);
          const sum = crossEntropy(logitsOf(parameters, outputs, context), targets);
          counted.forEach((count, lane) => (counts[lane]! += count));
          return { values: tf.reshape(sum, [lanes, 1]), states: training.stateful ? states : [] };
        },
        add: (values) => values.forEach((value, lane) => (sums[lane]! += value)),
        metrics(lane) {
          const nats = sums[lane]! / counts[lane]!;
          return { loss: nats, perplexity: Math.exp(nats), bitsPerToken: nats / Math.LN2 };
        },
      };
    },
    dispose: () => onDevice.forEach((windows) => windows?.dispose()),
    inspection: () =>
      inspectStreams(model, streams.validation, window, vocabulary, (parameters, ids, valid, observer) => {
        const states = zeroStates(model, ids.shape[0], ids.shape[2]!);
        return run(parameters, ids, { states, valid, training: false, observer }).outputs;
      }),
    sample: (parameters, positions, length) =>
      sampleText({
        ...{ vocabulary, separator, positions, length },
        ...(isTransformer
          ? rereading(window.context + window.scored, (ids) => {
              const { outputs } = run(parameters, ids, { states: [], training: false });
              return logitsOf(parameters, outputs, ids.shape[1]! - 1);
            })
          : {
              start: () => zeroStates(model, positions.length, 1),
              step(ids, states) {
                const result = run(parameters, ids, { states, training: false });
                return { logits: logitsOf(parameters, result.outputs, 0), states: result.states };
              },
            }),
      }),
  };
}

interface Batch extends Targets {
  /** int32 [lane, time, batch] */
  ids: Tensor;
  /** Steps that count, bool [lane, time, batch]; undefined where all do. */
  steps?: Tensor | undefined;
  /** First steps that bear no loss. */
  context: number;
}

/** Windows that are there already, in which every step and every target counts. */
function wholeBatch(
  { ids, classes }: { ids: Tensor; classes: Tensor },
  { context }: Window,
  loss: 'mean' | 'sum',
): Batch {
  const [lanes, n] = classes.shape as [number, number];
  return { ids, classes, valid: undefined, weight: tf.fill([lanes, 1], loss === 'mean' ? 1 / n : 1), context };
}

/** Windows of the streams as tensors, one of each lane. */
function batchOf(
  { ids, classes, valid, counts, steps }: WindowArrays,
  { batch }: Streams,
  window: Window,
  loss: 'mean' | 'sum',
): Batch {
  const lanes = counts.length;
  const length = window.context + window.scored;
  const n = window.scored * batch;
  return {
    ids: tf.tensor3d(ids, [lanes, length, batch], 'int32'),
    classes: tf.tensor2d(classes, [lanes, n], 'int32'),
    valid: counts.every((count) => count === n) ? undefined : tf.tensor2d(valid, [lanes, n], 'bool'),
    weight: tf.tensor2d(
      Float32Array.from(counts, (count) => (loss === 'mean' ? 1 / count : 1)),
      [lanes, 1],
    ),
    steps: steps && tf.tensor3d(steps, [lanes, length, batch], 'bool'),
    context: window.context,
  };
}
