import type { ModelSpec, TaskSpec, TrainingSpec } from '@unroll/contracts';
import type { ExampleData, Examples, PreparedData } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import type { BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import { compileLoss } from '../losses/expression';
import { absoluteError, huber, lossOfLanes, squaredError, type ElementLoss } from '../losses/regression';
import type { Parameter } from '../nn/parameter';
import { adaptationOf } from './adapted';
import { answering, numbersOfRow } from './answers';
import { examplesOf, openEncoder } from './encoder';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { pooledHead, pooledHeadParameters, type Pooling } from './head';
import { inspectExamples } from './inspected';
import { heldPart } from '../batches/lane-position';
import type { Evaluation, OpenTask } from './task';
import type { Named } from '../nn/parameter';

type NumbersTask = Extract<TaskSpec, { kind: 'regression' | 'forecasting' }>;

/** Numbers for a sequence: what regression and forecasting have in common. */
export interface NumbersSpec {
  model: ModelSpec;
  training: TrainingSpec;
  task: NumbersTask;
  pooling: Pooling;
}

function lossOf({ loss, huberDelta }: NumbersTask): ElementLoss {
  if (typeof loss === 'object') return compileLoss(loss.expression);
  if (loss === 'mse') return squaredError;
  return loss === 'mae' ? absoluteError : huber(huberDelta);
}

function numbersOf({ targets }: Examples, kind: string): { width: number; values: Float32Array } {
  if (targets.kind !== 'numbers') throw new Error(`${kind} needs numbers for each sequence`);
  return targets;
}

export function numbersParameters({ model, training, task, pooling }: NumbersSpec, data: PreparedData): Parameter[] {
  const examples = examplesOf(data, task.kind);
  const { width } = numbersOf(examples.train, task.kind);
  return [...openEncoder(model, training, examples).parameters, ...pooledHeadParameters(model, pooling, width)];
}

export function openNumbers(
  { model, training, task, pooling }: NumbersSpec,
  data: PreparedData,
): OpenTask<PaddedBatch> {
  const examples = examplesOf(data, task.kind);
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
  const elementLoss = lossOf(task);
  const answer = (parameters: Named, body: BodyResult, batch: PaddedBatch, observer?: Observer): Tensor =>
    pooledHead(model, pooling, parameters, body, batch, observer);
  const penalty = adaptationOf({ model, training }, examples, encoder, pooling);
  const { width } = numbersOf(examples.train, task.kind);
  return {
    ...fromExamples(batches, examples),
    evenBatches: batches.even && !training.adaptation,
    loss(parameters, batch, _states, positions) {
      const targets = targetsOf(numbersOf(examples.train, task.kind), batch, 'mean');
      const body = encoder.run(parameters, batch, positions);
      const loss = lossOfLanes(elementLoss, answer(parameters, body, batch), targets, 'mean');
      return { loss, penalty: penalty(parameters, batch, body, positions), states: [], measured: body.measured };
    },
    answering: answering(
      examples,
      training.batchSize,
      (parameters, batch) => answer(parameters, encoder.run(parameters, batch), batch),
      (row) => {
        const values = numbersOfRow(width, examples.targetScaling, row);
        return task.kind === 'regression' ? { value: values[0]! } : { values };
      },
    ),
    evaluation(part, lanes) {
      const held = heldPart(examples, part);
      const reading = measuringBatches(held, training.batchSize);
      return numbersEvaluation(lanes, examples, held.count, {
        batches: reading.count,
        measure(parameters, index) {
          const batch = reading.batch(index, lanes);
          const targets = targetsOf(numbersOf(held, task.kind), batch, 'sum');
          const prediction = answer(parameters, encoder.run(parameters, batch), batch);
          const sums = [elementLoss, squaredError, absoluteError].map((each) =>
            tf.reshape(lossOfLanes(each, prediction, targets, 'mean'), [lanes, 1]),
          );
          return { values: tf.concat(sums, 1), states: [] };
        },
      });
    },
    inspection: () =>
      inspectExamples(model, examples, (parameters, batch, held, observer) => {
        const body = encoder.run(parameters, batch, undefined, observer);
        const targets = targetsOf(numbersOf(held, task.kind), batch, 'sum');
        return lossOfLanes(elementLoss, answer(parameters, body, batch, observer), targets, 'mean');
      }),
  };
}

/** What is to be answered, [lane, batch, width], and which rows are there. */
function targetsOf(
  { width, values }: { width: number; values: Float32Array },
  { rows, batch }: PaddedBatch,
  over: 'mean' | 'sum',
): { target: Tensor; valid: Tensor | undefined; weight: Tensor } {
  const lanes = rows.length;
  const target = new Float32Array(lanes * batch * width);
  const valid = new Uint8Array(lanes * batch);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      target.set(values.subarray(example * width, (example + 1) * width), (lane * batch + row) * width);
      valid[lane * batch + row] = 1;
    }),
  );
  return {
    target: tf.tensor3d(target, [lanes, batch, width]),
    valid: valid.includes(0) ? tf.tensor2d(valid, [lanes, batch], 'bool') : undefined,
    weight: tf.tensor2d(
      rows.map((examples) => [over === 'mean' ? 1 / examples.length : 1]),
      [lanes, 1],
    ),
  };
}

/** The loss in the unit that is learned in; mse and mae in that of the data. */
function numbersEvaluation(
  lanes: number,
  { targetScaling }: ExampleData,
  count: number,
  { batches, measure }: Pick<Evaluation, 'batches' | 'measure'>,
): Evaluation {
  const sums = new Float64Array(3 * lanes);
  const scale = targetScaling?.scale[0] ?? 1;
  return {
    batches,
    zeroStates: () => [],
    measure,
    add: (values) => values.forEach((value, at) => (sums[at]! += value)),
    metrics(lane) {
      const [loss, squares, sizes] = [0, 1, 2].map((which) => sums[3 * lane + which]! / count) as [
        number,
        number,
        number,
      ];
      return { loss, mse: squares * scale ** 2, mae: sizes * scale };
    },
  };
}
