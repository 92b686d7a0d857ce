import type { ModelSpec, TrainingSpec } from '@unroll/contracts';
import { symbolNames, type TokenData, type TokenSource } from '@unroll/datasets';
import { contiguousStreams, windowCount, type Streams, type Window } from '../batches/streams';
import { WindowBatches, type WindowBatch } from '../batches/window-batches';
import { rereading, sampleText, type Sampling } from '../decoding/sampling';
import { crossEntropy, smoothedCrossEntropy } from '../losses/cross-entropy';
import { perLane, type Tally } from '../metrics/tally';
import { getArchitecture } from '../nn/architectures';
import { bodyParameters, runBody, zeroStates, type BodyOptions, type BodyResult } from '../nn/body';
import { isFrozen } from '../nn/freezing';
import { plainAxis, underPrefix, type Named, type Parameter } from '../nn/parameter';
import { tokenInput } from '../nn/stack';
import { tf, type Tensor } from '../tensor/tfjs';
import { evaluation } from './evaluation';
import { embeddingStart, symbolLogits, symbolParameters } from './head';
import { inspectStreams } from './inspected-streams';
import type { OpenTask, Task, Writer } from './task';

/** Predicts the next token: embedding → layers → output layer, mean cross-entropy in nats. */
export const languageModel: Task<'language-model', 'text'> = {
  kind: 'language-model',
  needs: 'text',
  head: { over: 'stream', gives: 'class' },
  parameters: ({ model }, { vocabulary }) => languageModelParameters(model, vocabulary.length),
  open({ model, training }, { train, validation, test, ...text }) {
    const streams = (tokens: TokenSource): Streams => contiguousStreams(tokens, training.batchSize);
    return openLanguageModel(model, training, text, {
      train: streams(train),
      validation: streams(validation),
      test: test && streams(test),
    });
  },
};

/** The parameters of embedding → body → output layer, embedding and output layer initialised as torch.nn.Embedding and Linear. */
export function languageModelParameters(model: ModelSpec, vocabulary: number): Parameter[] {
  return [
    {
      name: 'embedding.weight',
      axes: [plainAxis(vocabulary), plainAxis(model.embeddingSize)],
      transposed: false,
      start: embeddingStart(model),
    },
    ...bodyParameters(model, model.embeddingSize, 'recurrent.'),
    ...symbolParameters(model, vocabulary),
  ];
}

/** TBPTT(k1, k2) as a window. */
function toWindow({ bptt }: Pick<TrainingSpec, 'bptt'>): Window {
  if (bptt === 'full') throw new Error('a text is one long stream: bptt must be a window');
  const { k1, k2 } = typeof bptt === 'number' ? { k1: bptt, k2: bptt } : bptt;
  return { scored: k1, context: k2 - k1 };
}

interface TokenNetwork {
  /** ids int32 [lane, time, batch] → outputs [lane, time, batch, width], and the final states. */
  run(parameters: Named, ids: Tensor, options: BodyOptions): BodyResult;
  /** Logits of the steps after the first `context`, [lane, n, vocabulary]. */
  logits(parameters: Named, outputs: Tensor, context: number): Tensor;
}

const tokenNetwork = (model: ModelSpec): TokenNetwork => ({
  run: (parameters, ids, options) =>
    runBody(model, (name) => parameters(`recurrent.${name}`), tokenInput(parameters('embedding.weight'), ids), options),
  logits(parameters, outputs, context) {
    const [lanes, length, batch, units] = outputs.shape as [number, number, number, number];
    const scored =
      context > 0 ? tf.slice(outputs, [0, context, 0, 0], [lanes, length - context, batch, units]) : outputs;
    const rows = tf.reshape(scored, [lanes, (length - context) * batch, units]);
    return symbolLogits(model, parameters, rows, 'embedding.weight');
  },
});

/** A text without its parts. */
type TextTokens = Pick<TokenData, 'vocabulary' | 'tokens' | 'characters'>;

/** Mean nats over all targets, from their sum over a window and its number of targets. `characters`: those of all targets. */
function tokensTally(characters: number | undefined): Tally<number> {
  let [sum, targets] = [0, 0];
  return {
    add(values, count) {
      sum += values[0]!;
      targets += count;
    },
    metrics() {
      const nats = sum / targets;
      return {
        loss: nats,
        perplexity: Math.exp(nats),
        bitsPerToken: nats / Math.LN2,
        ...(characters && { bitsPerCharacter: sum / characters / Math.LN2 }),
      };
    },
  };
}

/** The task over streams. Of `model.hiddenSize` only the bucket matters. */
export function openLanguageModel(
  model: ModelSpec,
  training: Pick<TrainingSpec, 'bptt' | 'stateful'> & Partial<Pick<TrainingSpec, 'recompute' | 'freeze'>>,
  text: TextTokens,
  streams: { train: Streams; validation: Streams; test?: Streams | undefined },
): OpenTask<WindowBatch> {
  const window = toWindow(training);
  const perPass = windowCount(streams.train, window);
  // While the weights do not change a carried state equals the recomputed one, so a stateful validation needs no context.
  const heldWindow: Window = training.stateful ? { ...window, context: 0 } : window;
  const { vocabulary, tokens, characters } = text;
  const batches = new WindowBatches(vocabulary.length);
  const network = tokenNetwork(model);
  return {
    ...writing(model, network, { vocabulary, tokens }, window),
    updatesPerEpoch: perPass,
    evenBatches: true,
    zeroStates: (lanes) => zeroStates(model, lanes, streams.train.batch),
    stateAge: training.stateful ? (window.context + window.scored) / window.scored : 0,
    sinceReset: ({ update }) => (update - 1) % perPass,
    trainingBatch: (positions) => batches.training(streams.train, window, positions),
    loss(parameters, { ids, context, steps, ...targets }, states, positions) {
      const result = network.run(parameters, ids, {
        ...{ states, valid: steps, training: true, recompute: training.recompute, random: positions },
        isFrozen: (name) => isFrozen(training.freeze ?? [], `recurrent.${name}`),
      });
      const logits = network.logits(parameters, result.outputs, context);
      const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
      const loss = smoothedCrossEntropy(logits, targets, rates, true);
      return { loss, states: result.states, buffers: underPrefix('recurrent.', result.buffers) };
    },
    evaluation: evaluation({
      data: streams,
      batches: (held) => ({
        count: windowCount(held, heldWindow),
        batch: (index, lanes) => batches.held(held, heldWindow, index, lanes),
      }),
      measure(parameters, { count, batch: { ids, context, steps, ...targets } }, { states: before }) {
        const { outputs, states } = network.run(parameters, ids, { states: before, valid: steps, training: false });
        const sum = crossEntropy(network.logits(parameters, outputs, context), targets, true);
        const values = tf.reshape(sum, [ids.shape[0], 1]);
        return { values, kept: count, states: training.stateful ? states : undefined };
      },
      tallies: (lanes, { part }) => perLane(lanes, () => tokensTally(characters?.[part])),
      zeroStates: (lanes, held) => zeroStates(model, lanes, held.batch),
    }),
    dispose: () => batches.dispose(),
    inspection: () =>
      inspectStreams(
        model,
        streams.validation,
        window,
        symbolNames(vocabulary, tokens),
        (parameters, ids, valid, observer) => {
          const states = zeroStates(model, ids.shape[0], ids.shape[2]!);
          return network.run(parameters, ids, { states, valid, training: false, observer }).outputs;
        },
      ),
  };
}

/** How it writes: from its state, or for an architecture without one by reading the tokens of a window again. */
function writing(
  model: ModelSpec,
  network: TokenNetwork,
  symbols: Pick<TokenData, 'vocabulary' | 'tokens'>,
  window: Window,
): Pick<OpenTask<WindowBatch>, 'writer' | 'sample'> {
  const rereads = getArchitecture(model).attendsToSteps;
  const most = window.context + window.scored;
  const writer: Writer = {
    ...symbols,
    ...(rereads ? { rereads: most } : {}),
    start: (rows) => zeroStates(model, 1, rows),
    step(parameters, ids, before) {
      if (rereads) return { logits: readAgain(network, window, parameters, ids), states: [] };
      const { outputs, states } = network.run(parameters, ids, { states: before, training: false });
      return { logits: network.logits(parameters, outputs, 0), states };
    },
  };
  const steps = (parameters: Named, lanes: number): Pick<Sampling, 'start' | 'step'> =>
    rereads
      ? rereading(most, (ids) => readAgain(network, window, parameters, ids, 1))
      : { start: () => zeroStates(model, lanes, 1), step: (ids, states) => writer.step(parameters, ids, states) };
  return {
    writer,
    sample: (parameters, positions, length) =>
      sampleText({ ...symbols, positions, length, ...steps(parameters, positions.length) }),
  };
}

/**
 * The logits of the last `count` steps of a network without a state, over ids int32 [lane, time, batch]. As in the windows of training, a
 * text begins behind the steps without a loss: the network has learned to predict only from the places behind them.
 */
function readAgain(
  network: TokenNetwork,
  { context, scored }: Window,
  parameters: Named,
  ids: Tensor,
  count = ids.shape[1]!,
): Tensor {
  const [lanes, time, batch] = ids.shape as [number, number, number];
  const ahead = Math.max(0, Math.min(context, context + scored - time));
  const behind = (x: Tensor): Tensor => tf.concat([tf.zeros([lanes, ahead, batch], 'int32'), x], 1);
  const read = ahead === 0 ? { ids } : { ids: behind(ids), valid: tf.cast(behind(tf.onesLike(ids)), 'bool') };
  const { outputs } = network.run(parameters, read.ids, { states: [], valid: read.valid, training: false });
  return network.logits(parameters, outputs, ahead + time - count);
}
