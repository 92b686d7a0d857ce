import { isForced, type TaskSpec, type TrainingSpec } from '@unroll/contracts';
import { decoderSymbols, endSymbol, startSymbol, textOf, type ExampleData } from '@unroll/datasets';
import {
  fromExamples,
  sequenceLengths,
  measuringBatches,
  middleBatch,
  trainingBatches,
  wholeBatch,
  type PaddedBatch,
} from '../batches/example-batches';
import type { LanePosition } from '../batches/lane-position';
import { pairBuckets, targetBatch, type TokenSequences } from '../batches/target-batch';
import { pickBest, write, type Writing } from '../decoding/write';
import { crossEntropy, smoothedCrossEntropy } from '../losses/cross-entropy';
import { perLane } from '../metrics/tally';
import { writtenTallies } from '../metrics/written';
import type { Named } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { answering } from './answers';
import type { Decoder, Source } from './decoder';
import { evaluation } from './evaluation';
import { showWriting } from './shown-writing';
import type { OpenTask } from './task';
import type { ExampleDataWith } from './task-data';
import { forcedAttention, forcedLogits, mixedLogits } from './teacher-forced';

const start = (decoderSymbols as readonly string[]).indexOf(startSymbol);
const end = (decoderSymbols as readonly string[]).indexOf(endSymbol);

/** What differs between tasks that write: how their input becomes what the decoder starts from. */
export interface WritingParts {
  task: Pick<Extract<TaskSpec, { lengthPenalty: number }>, 'tokens' | 'beamWidth' | 'lengthPenalty'>;
  decoder: Decoder;
  /** `positions` in training only. */
  read: (parameters: Named, batch: PaddedBatch, positions?: readonly LanePosition[]) => Source;
}

/** What a decoder wrote for a batch: `values`, once read back, are for `pickBest`. */
interface Written {
  values: Tensor;
  writing: Writing;
}

/** Writes freely, from what the decoder itself wrote. */
function freeWriter({ task, decoder, read }: WritingParts, { train, targetVocabulary }: ExampleDataWith<'tokens'>) {
  // The end included. Whatever the input and those beside it: how long its right answer is, is not known.
  const length = sequenceLengths(train.targets).reduce((most, each) => Math.max(most, each), 1);
  const vocabulary = targetVocabulary!;
  return {
    write(parameters: Named, batch: PaddedBatch, source = read(parameters, batch)): Written {
      const shape = { lanes: batch.rows.length, batch: batch.batch, width: task.beamWidth };
      const writing: Writing = {
        ...{ ...shape, vocabulary: vocabulary.length, start, end },
        rows: Math.max(...batch.rows.map((own) => own.length)),
        length,
        states: source.states,
        step(ids, states) {
          const { outputs, states: after } = decoder.run(parameters, ids, { states, training: false });
          const rows = tf.reshape(outputs, [shape.lanes, shape.batch * shape.width, outputs.shape[3]!]);
          return { logits: decoder.logits(parameters, rows, source.memory), states: after };
        },
      };
      return { values: write(writing), writing };
    },
    join: (tokens: readonly number[]): string =>
      textOf(
        tokens.map((token) => vocabulary[token]!),
        task.tokens,
      ),
  };
}

/**
 * Writes sequences: mean cross-entropy in nats over the tokens of each target, including its end, while the decoder reads the right
 * tokens (teacher forcing, Williams & Zipser 1989) or its own at some steps. In a measurement it writes freely.
 */
export function openWriting(
  training: TrainingSpec,
  examples: ExampleDataWith<'tokens'>,
  parts: WritingParts,
): OpenTask<PaddedBatch> {
  const { task, decoder, read } = parts;
  const { targets } = examples.train;
  const buckets = pairBuckets(examples.train, targets);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length, buckets);
  const learn = isForced(training.teacherForcing) ? forcedLogits : mixedLogits;
  const writer = freeWriter(parts, examples);
  return {
    ...fromExamples(batches, examples),
    loss(parameters, batch, _states, positions) {
      const target = targetBatch(targets, batch, start, 'mean');
      const source = read(parameters, batch, positions);
      const logits = learn({ parameters, decoder, source, target, positions, training });
      const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
      return { loss: smoothedCrossEntropy(logits, target.targets, rates, true), states: [] };
    },
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure(parameters, batch, { held }) {
        const target = targetBatch(held.targets, batch, start, 'sum');
        const source = read(parameters, batch);
        const logits = forcedLogits({ parameters, decoder, source, target, training });
        const sum = tf.reshape(crossEntropy(logits, target.targets, true), [batch.rows.length, 1]);
        const { values, writing } = writer.write(parameters, batch, source);
        return { values: tf.concat([sum, values], 1), kept: { rows: batch.rows[0]!, writing } };
      },
      tallies(lanes, { held }) {
        const texts = { vocabulary: examples.targetVocabulary!, tokens: task.tokens };
        const tally = writtenTallies(held.targets, texts);
        return perLane(lanes, () => {
          const { add, metrics } = tally();
          return {
            add: (values, { rows, writing }: { rows: Int32Array; writing: Writing }) =>
              add(values[0]!, rows, pickBest(values.subarray(1), writing, task.lengthPenalty)),
            metrics,
          };
        });
      },
    }),
    answering: answering(examples, training.batchSize, {
      run(parameters, batch) {
        const { values, writing } = writer.write(parameters, batch);
        return { values, kept: writing };
      },
      read(values, writing) {
        const sequences = pickBest(values, writing, task.lengthPenalty);
        return (row) => ({ text: writer.join(sequences[row]!) });
      },
    }),
    exhibit: exhibitWriting(training, examples, parts, writer),
    sample: (parameters, positions, length) =>
      sampleLines(examples, task, writer, parameters, positions.length, length),
  };
}

/** The texts that it writes, and what each of their tokens attends to while the decoder reads them. */
const exhibitWriting =
  (
    training: TrainingSpec,
    examples: ExampleDataWith<'tokens'>,
    { task, decoder, read }: WritingParts,
    writer: ReturnType<typeof freeWriter>,
  ): OpenTask<PaddedBatch>['exhibit'] =>
  async (parameters) => ({
    written: await showWriting({
      ...{ examples, batchSize: training.batchSize, tokens: task.tokens, ending: 1 },
      write(batch) {
        const { values, writing } = writer.write(parameters, batch);
        return {
          values,
          read(all) {
            const sequences = pickBest(all, writing, task.lengthPenalty);
            return (row) => sequences[row]!;
          },
        };
      },
      attend(held, found) {
        const batch = wholeBatch(held, 1);
        const target = targetBatch(ended(found), batch, start, 'sum');
        return forcedAttention({ parameters, decoder, source: read(parameters, batch), target, training });
      },
    }),
  });

/** Written sequences, each with its end. */
function ended(sequences: readonly (readonly number[])[]): TokenSequences {
  const offsets = Int32Array.of(0, ...sequences.map(({ length }) => length + 1));
  for (let at = 1; at < offsets.length; at++) offsets[at]! += offsets[at - 1]!;
  return { kind: 'tokens', offsets, ids: Uint16Array.from(sequences.flatMap((tokens) => [...tokens, end])) };
}

/** A line of each lane, written for a held-out example of middle length. */
async function sampleLines(
  { validation }: ExampleData,
  { lengthPenalty }: WritingParts['task'],
  writer: ReturnType<typeof freeWriter>,
  parameters: Named,
  lanes: number,
  length: number,
): Promise<string[]> {
  let writing: Writing | undefined;
  const values = tf.tidy(() => {
    const written = writer.write(parameters, middleBatch(validation, lanes));
    ({ writing } = written);
    return written.values;
  });
  const all = (await values.data()) as Float32Array;
  values.dispose();
  const width = all.length / lanes;
  return Array.from({ length: lanes }, (_, lane) => {
    const [tokens] = pickBest(all.subarray(lane * width, (lane + 1) * width), writing!, lengthPenalty);
    return writer.join(tokens!.slice(0, length));
  });
}
