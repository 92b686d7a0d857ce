import type { TrialSpec } from '@unroll/contracts';
import type { ExampleData, Examples } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import type { BodyResult } from '../nn/body';
import { crossEntropy, smoothedCrossEntropy, type Targets } from '../losses/cross-entropy';
import type { Observer } from '../nn/observer';
import { accuracy, macroF1 } from '../metrics/classification';
import { adaptationOf } from './adapted';
import { answering, type AnsweredRow } from './answers';
import { openEncoder } from './encoder';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import type { Pooling } from './head';
import { inspectExamples } from './inspected';
import { heldPart } from '../batches/lane-position';
import type { Answer, Evaluation, OpenTask } from './task';
import type { Named, States } from '../nn/parameter';

/** What of a task of classes differs between a class for a sequence and one for each step. */
export interface ClassTask {
  /** Logits [lane, n, classes]. */
  answer: (parameters: Named, body: BodyResult, batch: PaddedBatch, observer?: Observer) => Tensor;
  /** The right classes of a batch, [lane, n]; −1 where there is none to be found. */
  right: (examples: Examples, batch: PaddedBatch) => Int32Array;
  /** Which of them belong to a sequence's last step, [lane, n]; undefined where all do. */
  last?: ((batch: PaddedBatch) => Uint8Array) | undefined;
  /** What is said of an example, of probabilities [n, classes]. */
  says: (classes: readonly string[], row: AnsweredRow) => Answer;
  /** How features of a sequence are read that domains can be compared by; undefined where there are none. */
  pooling?: Pooling | undefined;
}

/** How many classes there are. */
export const classCount = ({ targetVocabulary }: ExampleData): number => targetVocabulary?.length ?? 0;

/** A task of classes: cross-entropy in nats, accuracy and macro F1. */
export function openClasses(
  { model, training }: Pick<TrialSpec, 'model' | 'training'>,
  examples: ExampleData,
  { answer, right, last, says, pooling }: ClassTask,
): OpenTask<PaddedBatch> {
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
  const penalty = pooling && adaptationOf({ model, training }, examples, encoder, pooling);
  return {
    ...fromExamples(batches, examples),
    evenBatches: batches.even && !training.adaptation,
    answering: answering(
      examples,
      training.batchSize,
      (parameters, batch) => tf.softmax(answer(parameters, encoder.run(parameters, batch), batch)),
      (row) => says(examples.targetVocabulary ?? [], row),
    ),
    loss(parameters, batch, _states, positions) {
      const body = encoder.run(parameters, batch, positions);
      const targets = classTargets({ classes: right(examples.train, batch), lanes: batch.rows.length }, 'mean');
      const rates = positions.map(({ labelSmoothing }) => labelSmoothing);
      const loss = smoothedCrossEntropy(answer(parameters, body, batch), targets, rates);
      return { loss, penalty: penalty?.(parameters, batch, body, positions), states: [], measured: body.measured };
    },
    evaluation(part, lanes) {
      const held = heldPart(examples, part);
      const reading = measuringBatches(held, training.batchSize);
      return classEvaluation({
        ...{ lanes, classes: classCount(examples), batches: reading.count },
        batch(parameters, index) {
          const batch = reading.batch(index, lanes);
          const logits = answer(parameters, encoder.run(parameters, batch), batch);
          return { logits, right: right(held, { ...batch, rows: batch.rows.slice(0, 1) }) };
        },
      });
    },
    inspection: () =>
      inspectExamples(model, examples, (parameters, batch, held, observer) => {
        const logits = answer(parameters, encoder.run(parameters, batch, undefined, observer), batch, observer);
        const counted = last?.(batch);
        const classes = right(held, batch).map((each, index) => (counted?.[index] === 0 ? -1 : each));
        return crossEntropy(logits, classTargets({ classes, lanes: batch.rows.length }, 'sum'));
      }),
  };
}

/** The right classes of a batch, [lane, n]; −1 where there is none to be found. */
export interface RightClasses {
  classes: Int32Array;
  lanes: number;
}

/** As the cross-entropy wants them: the mean over those that are there, or the sum. */
export function classTargets({ classes, lanes }: RightClasses, kind: 'mean' | 'sum'): Targets {
  const n = classes.length / lanes;
  const valid = Uint8Array.from(classes, (right) => Number(right >= 0));
  const counts = Array.from({ length: lanes }, (_, lane) =>
    valid.subarray(lane * n, (lane + 1) * n).reduce((sum, each) => sum + each, 0),
  );
  return {
    classes: tf.tensor2d(
      classes.map((right) => Math.max(0, right)),
      [lanes, n],
      'int32',
    ),
    valid: valid.includes(0) ? tf.tensor2d(valid, [lanes, n], 'bool') : undefined,
    weight: tf.tensor2d(
      counts.map((count) => [kind === 'sum' ? 1 : 1 / Math.max(1, count)]),
      [lanes, 1],
    ),
  };
}

/** What of a measurement of classes differs between tasks. */
export interface ClassMeasurement {
  lanes: number;
  classes: number;
  batches: number;
  /** Logits [lane, n, classes] of a batch, and the right classes, the same for every lane. */
  batch: (parameters: Named, index: number) => { logits: Tensor; right: Int32Array };
}

/** Loss, accuracy and macro F1 over all that is held out. */
export function classEvaluation({ lanes, classes, batches, batch }: ClassMeasurement): Evaluation {
  const confusions = Array.from({ length: lanes }, () => new Float64Array(classes * classes));
  const sums = new Float64Array(lanes);
  const rights: Int32Array[] = [];
  return {
    batches,
    zeroStates: (): States => [],
    measure(parameters, index) {
      const { logits, right } = batch(parameters, index);
      rights[index] = right;
      const all = new Int32Array(lanes * right.length);
      for (let lane = 0; lane < lanes; lane++) all.set(right, lane * right.length);
      const sum = crossEntropy(logits, classTargets({ classes: all, lanes }, 'sum'));
      const found = tf.cast(tf.argMax(logits, 2), 'float32');
      return { values: tf.concat([tf.reshape(sum, [lanes, 1]), found], 1), states: [] };
    },
    add(values, index) {
      const right = rights[index]!;
      const width = 1 + right.length;
      for (let lane = 0; lane < lanes; lane++) {
        sums[lane]! += values[lane * width]!;
        right.forEach((truth, place) => {
          if (truth >= 0) confusions[lane]![truth * classes + values[lane * width + 1 + place]!]! += 1;
        });
      }
    },
    metrics(lane) {
      const confusion = confusions[lane]!;
      const count = confusion.reduce((sum, each) => sum + each, 0);
      return { loss: sums[lane]! / count, accuracy: accuracy(confusion, classes), f1: macroF1(confusion, classes) };
    },
  };
}
