import { isForced, type TaskSpec, type TrainingSpec, type TrialSpec } from '@unroll/contracts';
import { decoderSymbols, endSymbol, separatorOf, startSymbol, type ExampleData, type Examples } from '@unroll/datasets';
import { bestOf, write, type Writing } from '../decoding/write';
import { tf, type Tensor } from '../tensor/tfjs';
import { crossEntropy, smoothedCrossEntropy } from '../losses/cross-entropy';
import { detach } from '../tensor/detach';
import type { Decoder, Source } from './decoder';
import {
  fromExamples,
  lengthsOf,
  measuringBatches,
  middleBatch,
  trainingBatches,
  type PaddedBatch,
} from '../batches/example-batches';
import { heldPart, type LanePosition } from '../batches/lane-position';
import type { Named, States } from '../nn/parameter';
import type { OpenTask } from './task';
import { forcedSteps, pairBuckets, targetBatch, writtenTargets, type TargetBatch } from '../batches/target-batch';
import { writtenMetrics } from '../metrics/written';

type WritingTask = Extract<TaskSpec, { lengthPenalty: number }>;

const start = (decoderSymbols as readonly string[]).indexOf(startSymbol);
const end = (decoderSymbols as readonly string[]).indexOf(endSymbol);

/** What of a task that writes differs: how its input becomes what the decoder starts from. */
export interface WritingParts {
  task: WritingTask;
  decoder: Decoder;
  /** `positions` in training alone. */
  read: (parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[]) => Source;
}

/**
 * Writes sequences: mean cross-entropy in nats over the tokens of each target, its end among them, with the right tokens read (teacher forcing,
 * Williams & Zipser 1989) or the decoder's own at some steps. What is measured it writes freely.
 */
export function openWriting(
  { training }: Pick<TrialSpec, 'training'>,
  examples: ExampleData,
  parts: WritingParts,
): OpenTask<PaddedBatch> {
  const { task, decoder, read } = parts;
  const targets = writtenTargets(examples.train, task.kind);
  const batches = trainingBatches(
    examples.train,
    training.batchSize,
    examples.inputVocabulary?.length,
    pairBuckets(examples.train, targets),
  );
  const learn = isForced(training.teacherForcing) ? forcedLogits : mixedLogits;
  const longest = longestTargets(examples.train);
  const vocabulary = examples.targetVocabulary!;

  const joined = (tokens: readonly number[]): string =>
    tokens.map((token) => vocabulary[token]!).join(separatorOf(task.tokens));

  /** What is written for a batch, for `bestOf`. */
  const written = (parameters: Named, batch: PaddedBatch, source: Source): { values: Tensor; writing: Writing } => {
    const shape = { lanes: batch.rows.length, batch: batch.batch, width: task.beamWidth };
    const writing: Writing = {
      ...{ ...shape, vocabulary: vocabulary.length, start, end },
      length: longest(batch.steps),
      states: source.states,
      step(ids, states) {
        const { outputs, states: after } = decoder.run(parameters, ids, { states, training: false });
        const rows = tf.reshape(outputs, [shape.lanes, shape.batch * shape.width, outputs.shape[3]!]);
        return { logits: decoder.logits(parameters, rows, source.memory), states: after };
      },
    };
    return { values: write(writing), writing };
  };

  return {
    ...fromExamples(batches, examples),
    loss(parameters, batch, _states, positions) {
      const target = targetBatch(targets, batch, start, 'mean');
      const source = read(parameters, batch, positions);
      const logits = learn({ parameters, decoder, source, target, positions, training });
      const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
      return { loss: smoothedCrossEntropy(logits, target.targets, rates), states: [] };
    },
    evaluation(part, lanes) {
      const held = heldPart(examples, part);
      const right = writtenTargets(held, task.kind);
      const reading = measuringBatches(held, training.batchSize);
      const metrics = writtenMetrics(lanes, right, { vocabulary, separator: separatorOf(task.tokens) });
      const known: { rows: Int32Array; writing: Writing }[] = [];
      return {
        batches: reading.count,
        zeroStates: (): States => [],
        measure(parameters, index) {
          const batch = reading.batch(index, lanes);
          const target = targetBatch(right, batch, start, 'sum');
          const source = read(parameters, batch);
          const logits = forcedLogits({ parameters, decoder, source, target, training });
          const sum = tf.reshape(crossEntropy(logits, target.targets), [lanes, 1]);
          const { values, writing } = written(parameters, batch, source);
          known[index] = { rows: batch.rows[0]!, writing };
          return { values: tf.concat([sum, values], 1), states: [] };
        },
        add(values, index) {
          const { rows, writing } = known[index]!;
          const width = values.length / lanes;
          for (let lane = 0; lane < lanes; lane++) {
            const own = values.subarray(lane * width, (lane + 1) * width);
            const sequences = bestOf(own.subarray(1), writing, task.lengthPenalty);
            metrics.add(lane, own[0]!, rows, sequences);
          }
        },
        metrics: metrics.of,
      };
    },
    answering(part) {
      const reading = measuringBatches(heldPart(examples, part), training.batchSize);
      const known: { rows: Int32Array; writing: Writing }[] = [];
      return {
        batches: reading.count,
        run(parameters, index) {
          const batch = reading.batch(index, 1);
          const { values, writing } = written(parameters, batch, read(parameters, batch));
          known[index] = { rows: batch.rows[0]!, writing };
          return values;
        },
        read(values, index) {
          const { rows, writing } = known[index]!;
          const sequences = bestOf(values, writing, task.lengthPenalty);
          const textOf = (row: number): string => joined(sequences[row]!);
          return Array.from(rows, (example, row) => ({ example, answer: { text: textOf(row) } }));
        },
      };
    },
    async sample(parameters, positions, length) {
      let writing: Writing | undefined;
      const values = tf.tidy(() => {
        const batch = middleBatch(examples.validation, positions.length);
        const line = written(parameters, batch, read(parameters, batch));
        ({ writing } = line);
        return line.values;
      });
      const all = (await values.data()) as Float32Array;
      values.dispose();
      const width = all.length / positions.length;
      return positions.map((_, lane) => {
        const [tokens] = bestOf(all.subarray(lane * width, (lane + 1) * width), writing!, task.lengthPenalty);
        return joined(tokens!.slice(0, length));
      });
    },
  };
}

/** The longest target, its end among its tokens, that the training part has for inputs of at most so many steps; or of all. */
function longestTargets({ inputs, targets }: Examples): (steps: number) => number {
  const lengths = lengthsOf(targets as Parameters<typeof lengthsOf>[0]);
  const all = lengths.reduce((most, length) => Math.max(most, length), 1);
  const byInput = new Map<number, number>();
  lengthsOf(inputs).forEach((length, index) =>
    byInput.set(length, Math.max(byInput.get(length) ?? 0, lengths[index]!)),
  );
  return (steps) => {
    const shorter = [...byInput].filter(([length]) => length <= steps).map(([, most]) => most);
    return shorter.length > 0 ? Math.max(...shorter) : all;
  };
}

interface Learning {
  parameters: Named;
  decoder: Decoder;
  source: Source;
  target: TargetBatch;
  positions?: readonly LanePosition[];
  training: Pick<TrainingSpec, 'bptt'>;
}

const windowOf = ({ bptt }: Pick<TrainingSpec, 'bptt'>): number | undefined =>
  typeof bptt === 'number' ? bptt : undefined;

/** Logits [lane, batch·time, vocabulary] with the right token read at every step: all steps at once. */
function forcedLogits({ parameters, decoder, source, target, positions, training }: Learning): Tensor {
  const { outputs } = decoder.run(parameters, target.read, {
    states: source.states,
    valid: target.valid,
    training: positions !== undefined,
    random: positions,
    window: windowOf(training),
  });
  const [lanes, steps, batch, units] = outputs.shape as [number, number, number, number];
  const rows = tf.reshape(tf.transpose(outputs, [0, 2, 1, 3]), [lanes, batch * steps, units]);
  return decoder.logits(parameters, rows, source.memory);
}

/** The same with the decoder's own likeliest token read at some steps, one step after another. No gradient flows through a choice. */
function mixedLogits({ parameters, decoder, source, target, positions = [], training }: Learning): Tensor {
  const [lanes, steps, batch] = target.read.shape as [number, number, number];
  const window = windowOf(training);
  const step = (x: Tensor, index: number): Tensor =>
    tf.cast(tf.slice(tf.cast(x, 'int32'), [0, index, 0], [lanes, 1, batch]), x.dtype);
  const forced = forcedSteps(positions, steps, batch);
  const all: Tensor[] = [];
  let states = source.states;
  let own: Tensor | undefined;
  for (let index = 0; index < steps; index++) {
    const right = step(target.read, index);
    const ids = own ? tf.where(step(forced, index), right, own) : right;
    const isCut = window !== undefined && index > 0 && index % window === 0;
    const result = decoder.run(
      parameters,
      ids,
      {
        states: isCut ? states.map((places) => places.map(detach)) : states,
        valid: target.valid && step(target.valid, index),
        training: true,
        random: positions,
      },
      index,
    );
    states = result.states;
    const rows = tf.reshape(result.outputs, [lanes, batch, result.outputs.shape[3]!]);
    const logits = decoder.logits(parameters, rows, source.memory); // [lane, batch, vocabulary]
    own = tf.reshape(tf.argMax(logits, 2), [lanes, 1, batch]);
    all.push(logits);
  }
  const width = all[0]!.shape[2]!;
  return tf.reshape(tf.stack(all, 2), [lanes, batch * steps, width]);
}
