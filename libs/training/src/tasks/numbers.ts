import type { ModelSpec, TaskSpec, TrainingSpec } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { compileLoss } from '../losses/expression';
import { absoluteError, huber, lossOfLanes, squaredError, type ElementLoss } from '../losses/regression';
import { perLane, type Tally } from '../metrics/tally';
import type { BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import type { Named, Parameter } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { adaptationPenalty } from './adapted';
import { answering, byRow, rowNumbers } from './answers';
import { openEncoder } from './encoder';
import { evaluation } from './evaluation';
import { pooledHead, pooledHeadParameters, type Pooling } from './head';
import { inspectExamples } from './inspected';
import type { Answer, OpenTask } from './task';
import type { ExampleDataWith, ExamplesWith } from './task-data';

/** Numbers for a sequence: what regression and forecasting have in common. */
export interface NumbersSpec {
  model: ModelSpec;
  training: TrainingSpec;
  task: Pick<Extract<TaskSpec, { loss: unknown }>, 'loss' | 'huberDelta'>;
  pooling: Pooling;
  /** From the numbers for a sequence, in the unit of the data. */
  toAnswer: (values: number[]) => Answer;
}

function elementLoss({ loss, huberDelta }: NumbersSpec['task']): ElementLoss {
  if (typeof loss === 'object') return compileLoss(loss.expression);
  if (loss === 'mse') return squaredError;
  return loss === 'mae' ? absoluteError : huber(huberDelta);
}

export const numbersParameters = (
  { model, training, pooling }: NumbersSpec,
  examples: ExampleDataWith<'numbers'>,
): Parameter[] => [
  ...openEncoder(model, training, examples).parameters,
  ...pooledHeadParameters(model, pooling, examples.train.targets.width),
];

export function openNumbers(
  { model, training, task, pooling, toAnswer }: NumbersSpec,
  examples: ExampleDataWith<'numbers'>,
): OpenTask<PaddedBatch> {
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
  const loss = elementLoss(task);
  const head = (parameters: Named, body: BodyResult, batch: PaddedBatch, observer?: Observer): Tensor =>
    pooledHead(model, pooling, parameters, body, batch, observer);
  const run = (parameters: Named, batch: PaddedBatch): Tensor =>
    head(parameters, encoder.run(parameters, batch), batch);
  const penalty = adaptationPenalty({ model, training }, examples, encoder, pooling);
  const { width } = examples.train.targets;
  return {
    ...fromExamples(batches, examples),
    evenBatches: batches.even && !training.adaptation,
    loss(parameters, batch, _states, positions) {
      const targets = numberTargets(examples.train.targets, batch, 'mean');
      const body = encoder.run(parameters, batch, positions);
      const mean = lossOfLanes(loss, head(parameters, body, batch), targets, 'mean');
      return { loss: mean, penalty: penalty(parameters, batch, body, positions), states: [], buffers: body.buffers };
    },
    answering: answering(
      examples,
      training.batchSize,
      byRow(run, (row) => toAnswer(rowNumbers(width, examples.targetScaling, row))),
    ),
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure(parameters, batch, { held }) {
        const targets = numberTargets(held.targets, batch, 'sum');
        const prediction = run(parameters, batch);
        const sums = [loss, squaredError, absoluteError].map((each) =>
          tf.reshape(lossOfLanes(each, prediction, targets, 'mean'), [batch.rows.length, 1]),
        );
        return { values: tf.concat(sums, 1), kept: undefined };
      },
      tallies: (lanes, { held }) => {
        const count = countedExamples(held);
        return perLane(lanes, () => numbersTally(examples, count));
      },
    }),
    inspection: () =>
      inspectExamples(model, examples, (parameters, batch, held, observer) => {
        const body = encoder.run(parameters, batch, undefined, observer);
        const targets = numberTargets(held.targets, batch, 'sum');
        return lossOfLanes(loss, head(parameters, body, batch, observer), targets, 'mean');
      }),
  };
}

/** The right numbers, [lane, batch, width], and which of them exist and are not missing (NaN). */
function numberTargets(
  { width, values }: ExamplesWith<'numbers'>['targets'],
  { rows, batch }: PaddedBatch,
  over: 'mean' | 'sum',
): { target: Tensor; valid: Tensor | undefined; weight: Tensor } {
  const lanes = rows.length;
  const target = new Float32Array(lanes * batch * width);
  const valid = new Uint8Array(lanes * batch * width);
  const counts = rows.map((examples, lane) => {
    let count = 0;
    examples.forEach((example, row) => {
      const place = (lane * batch + row) * width;
      for (let each = 0; each < width; each++) {
        const value = values[example * width + each]!;
        if (Number.isNaN(value)) continue;
        target[place + each] = value;
        valid[place + each] = 1;
        count += 1;
      }
    });
    return count / width;
  });
  return {
    target: tf.tensor3d(target, [lanes, batch, width]),
    valid: valid.includes(0) ? tf.tensor3d(valid, [lanes, batch, width], 'bool') : undefined,
    weight: tf.tensor2d(
      counts.map((count) => [over === 'mean' && count > 0 ? 1 / count : 1]),
      [lanes, 1],
    ),
  };
}

/** The number of examples by what is not missing of their targets: one of two numbers counts a half. */
const countedExamples = ({ count, targets: { values } }: ExamplesWith<'numbers'>): number =>
  (count * values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0)) / values.length;

/** The loss in the unit of training; mse and mae in that of the data. Reads the sums of the three over a batch. */
function numbersTally({ targetScaling }: Pick<ExampleData, 'targetScaling'>, count: number): Tally<undefined> {
  const scale = targetScaling?.scale[0] ?? 1;
  let [loss, squares, sizes] = [0, 0, 0];
  return {
    add(values) {
      loss += values[0]!;
      squares += values[1]!;
      sizes += values[2]!;
    },
    metrics: () => ({ loss: loss / count, mse: (squares / count) * scale ** 2, mae: (sizes / count) * scale }),
  };
}
