import type { ModelSpec, TrialSpec } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import type { LanePosition } from '../batches/lane-position';
import { crossEntropy, smoothedCrossEntropy, type Targets } from '../losses/cross-entropy';
import { weightedCrossEntropy } from '../losses/weighted-cross-entropy';
import { classWeightsFor, weighted, weightsOfLanes } from './class-weights';
import { classTally } from '../metrics/classification';
import { perLane } from '../metrics/tally';
import type { BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import type { Named } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { adaptationPenalty } from './adapted';
import { showAnswers } from './answered';
import { answering, byRow, type AnsweredRow } from './answers';
import { classReport, shownTags } from './class-report';
import { openEncoder, type Encoder } from './encoder';
import { evaluation } from './evaluation';
import type { Pooling } from './head';
import { inspectExamples } from './inspected';
import type { Answer, OpenTask } from './task';
import type { ExampleDataWith, ExamplesWith } from './task-data';

/** What differs between a class for a sequence and one for each step. */
export interface ClassTask<Kind extends 'classes' | 'tokens'> {
  /** Logits [lane, n, classes]. */
  logits: (parameters: Named, body: BodyResult, batch: PaddedBatch, observer?: Observer) => Tensor;
  /** The right classes of a batch, [lane, n]; −1 where there is none. */
  right: (targets: ExamplesWith<Kind>['targets'], batch: PaddedBatch) => Int32Array;
  /** Which of them belong to a sequence's last step, [lane, n]; undefined where all do. */
  last?: ((batch: PaddedBatch) => Uint8Array) | undefined;
  /** The answer to an example, from probabilities [n, classes]. */
  answer: (classes: readonly string[], row: AnsweredRow) => Answer;
  /** How a sequence's features are pooled for a comparison of domains; undefined where that is not supported. */
  pooling?: Pooling | undefined;
}

export const countClasses = ({ targetVocabulary }: Pick<ExampleData, 'targetVocabulary'>): number =>
  targetVocabulary?.length ?? 0;

/** A task of classes: cross-entropy in nats, accuracy and macro F1. */
export function openClasses<Kind extends 'classes' | 'tokens'>(
  { model, training }: Pick<TrialSpec, 'model' | 'training'>,
  examples: ExampleDataWith<Kind>,
  task: ClassTask<Kind>,
): OpenTask<PaddedBatch> {
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
  const penalty = task.pooling && adaptationPenalty({ model, training }, examples, encoder, task.pooling);
  const weigh = classLoss(training, examples.targetVocabulary, () => learnedClasses(examples));
  const run = (parameters: Named, batch: PaddedBatch): Tensor =>
    task.logits(parameters, encoder.run(parameters, batch), batch);
  const probabilities = (parameters: Named, batch: PaddedBatch): Tensor => tf.softmax(run(parameters, batch));
  const answers = answering(
    examples,
    training.batchSize,
    byRow(probabilities, (row) => task.answer(examples.targetVocabulary ?? [], row)),
  );
  const measured = (logits: Tensor, batch: PaddedBatch, held: ExamplesWith<Kind>) => {
    const lanes = batch.rows.length;
    const right = task.right(held.targets, { ...batch, rows: batch.rows.slice(0, 1) }); // the same for every lane
    const classes = new Int32Array(lanes * right.length);
    for (let lane = 0; lane < lanes; lane++) classes.set(right, lane * right.length);
    return { values: lossAndFound(logits, { classes, lanes }), kept: right };
  };
  return {
    ...fromExamples(batches, examples),
    evenBatches: batches.even && !training.adaptation,
    answering: answers,
    exhibit: showAnswers(() => ({
      answering: answers('validation'),
      show: (all) => ({ classes: classReport(examples, all), ...shownTags(examples, all) }),
    })),
    loss(parameters, batch, _states, positions) {
      const body = encoder.run(parameters, batch, positions);
      const classes = task.right(examples.train.targets, batch);
      const loss = weigh(task.logits(parameters, body, batch), { classes, lanes: batch.rows.length }, positions);
      return { loss, penalty: penalty?.(parameters, batch, body, positions), states: [], buffers: body.buffers };
    },
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure: (parameters, batch, { held }) => measured(run(parameters, batch), batch, held),
      combined: {
        outputs: probabilities,
        measure: (mean, batch, held) => measured(logarithms(mean), batch, held),
      },
      tallies: (lanes) => perLane(lanes, () => classTally(countClasses(examples))),
    }),
    inspection: () => inspectClasses(model, examples, encoder, task),
  };
}

type WeighingPosition = Pick<LanePosition, 'classWeights' | 'labelSmoothing'>;

/** The mean loss of each lane from logits [lane, n, classes], by the weights of its classes where it has some. @throws DatasetError */
export function classLoss(
  training: Pick<TrialSpec['training'], 'classWeights'>,
  names: readonly string[] = [],
  learned: () => ArrayLike<number>,
): (logits: Tensor, right: RightClasses, positions: readonly WeighingPosition[]) => Tensor {
  const weightsOf = weightsOfLanes(training, (given) => classWeightsFor(given, names, learned));
  return (logits, right, positions) => {
    const [weights, rates] = [weightsOf(positions), positions.map(({ labelSmoothing }) => labelSmoothing)];
    const targets = classTargets(right, 'mean');
    return weights
      ? weightedCrossEntropy(logits, weighted(targets, right, weights), rates)
      : smoothedCrossEntropy(logits, targets, rates);
  };
}

function learnedClasses({ train: { targets } }: ExampleDataWith<'classes' | 'tokens'>): ArrayLike<number> {
  return targets.kind === 'classes' ? targets.classes : targets.ids;
}

const inspectClasses = <Kind extends 'classes' | 'tokens'>(
  model: ModelSpec,
  examples: ExampleDataWith<Kind>,
  encoder: Encoder,
  task: ClassTask<Kind>,
) =>
  inspectExamples(model, examples, (parameters, batch, held, observer) => {
    const logits = task.logits(parameters, encoder.run(parameters, batch, undefined, observer), batch, observer);
    const counted = task.last?.(batch);
    const classes = task.right(held.targets, batch).map((each, index) => (counted?.[index] === 0 ? -1 : each));
    return crossEntropy(logits, classTargets({ classes, lanes: batch.rows.length }, 'sum'));
  });

/** The least probability that float32 holds with all digits. */
const leastProbability = 1.2e-38;

/** Probabilities as logits. */
export const logarithms = (probabilities: Tensor): Tensor => tf.log(tf.maximum(probabilities, leastProbability));

/** The right classes of a batch, [lane, n]; −1 where there is none. */
export interface RightClasses {
  classes: Int32Array;
  lanes: number;
}

/** Right classes as targets of the cross-entropy: the mean over those that exist, or the sum. */
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

/** The sum of the loss of each lane, then the likeliest class in each place: [lane, 1 + n] from logits [lane, n, classes]. */
export function lossAndFound(logits: Tensor, right: RightClasses): Tensor {
  const sum = crossEntropy(logits, classTargets(right, 'sum'));
  const found = tf.cast(tf.argMax(logits, 2), 'float32');
  return tf.concat([tf.reshape(sum, [right.lanes, 1]), found], 1);
}
