import type { ModelSpec, TaskSpec, TrainingSpec } from '@unroll/contracts';
import type { ExampleData, ForecastUnits } from '@unroll/datasets';
import { fromExamples, measuringBatches, trainingBatches, type PaddedBatch } from '../batches/example-batches';
import { compileLoss } from '../losses/expression';
import {
  absoluteError,
  huber,
  lossOfLanes,
  squaredError,
  type ElementLoss,
  type ElementTargets,
  type OutputLoss,
} from '../losses/regression';
import { perLane, type Tally } from '../metrics/tally';
import type { BodyResult } from '../nn/body';
import type { Observer } from '../nn/observer';
import type { Named, Parameter } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import { adaptationPenalty } from './adapted';
import { answering } from './answers';
import { openEncoder } from './encoder';
import { evaluation } from './evaluation';
import {
  autoregressed,
  autoregressionParameters,
  pooledHead,
  pooledHeadParameters,
  type Autoregression,
  type Pooling,
} from './head';
import { inspectExamples } from './inspected';
import { showAnswers } from './answered';
import type { Answer, Answering, OpenTask, SequenceAnswers, ShownAnswers } from './task';
import type { ExampleDataWith, ExamplesWith } from './task-data';

/** What a network gives for a target, and how it is held against it. */
export interface NumberOutputs {
  /** Numbers for each number of a target: 1, or several for a distribution. */
  perTarget: number;
  loss: OutputLoss;
  /** Whether the loss needs the scale of each target. */
  needsScale?: boolean;
}

/** Numbers for a sequence: what regression and forecasting have in common. */
export interface NumbersSpec {
  model: ModelSpec;
  training: TrainingSpec;
  outputs: NumberOutputs;
  pooling: Pooling;
  autoregression: (examples: ExampleDataWith<'numbers'>) => Autoregression;
  /** Answers from the outputs for a batch, [batch · perTarget · width]. */
  answer: (examples: ExampleDataWith<'numbers'>, values: Float32Array, batch: AnsweredBatch) => (row: number) => Answer;
  /** Reads the summed loss, and with `readsOutputs` the outputs after it, of each batch; `count`: of the examples with a target. */
  tally: (examples: ExampleDataWith<'numbers'>, held: ExamplesWith<'numbers'>, count: number) => Tally<AnsweredBatch>;
  readsOutputs: boolean;
  /** What people look at; undefined for nothing. */
  exhibit?: (
    examples: ExampleDataWith<'numbers'>,
    answering: (own: ExampleDataWith<'numbers'>) => Answering,
  ) => ShownAnswers;
}

/** The examples in the rows of a batch. */
export interface AnsweredBatch {
  rows: Int32Array;
  batch: number;
}

type PlainLoss = Extract<TaskSpec, { kind: 'regression' }>['loss'];

/** A loss that compares one number with another. */
export function elementLoss(loss: PlainLoss, huberDelta: number): ElementLoss {
  if (typeof loss === 'object') return compileLoss(loss.expression);
  if (loss === 'mse') return squaredError;
  return loss === 'mae' ? absoluteError : huber(huberDelta);
}

export const numbersParameters = (
  { model, training, pooling, outputs, autoregression }: NumbersSpec,
  examples: ExampleDataWith<'numbers'>,
): Parameter[] => {
  const width = outputs.perTarget * examples.train.targets.width;
  return [
    ...openEncoder(model, training, examples).parameters,
    ...pooledHeadParameters(model, pooling, width),
    ...autoregressionParameters(autoregression(examples), width),
  ];
};

/** Answers to single sequences. */
export const numbersAnswers = (
  { pooling, autoregression, answer }: NumbersSpec,
  examples: ExampleDataWith<'numbers'>,
): SequenceAnswers | undefined =>
  pooling === 'attention' || autoregression(examples).steps > 0
    ? undefined
    : {
        reads: pooling,
        read: (values, { index }) => answer(examples, values, { rows: Int32Array.of(index), batch: 1 })(0),
      };

export function openNumbers(spec: NumbersSpec, examples: ExampleDataWith<'numbers'>): OpenTask<PaddedBatch> {
  const { model, training, outputs, pooling } = spec;
  const encoder = openEncoder(model, training, examples);
  const batches = trainingBatches(examples.train, training.batchSize, examples.inputVocabulary?.length);
  const { loss } = outputs;
  const answeringOver = (own: ExampleDataWith<'numbers'>) =>
    answering(own, training.batchSize, {
      run: (parameters, batch) => ({ values: run(parameters, batch), kept: rowsOf(batch) }),
      read: (values, kept) => spec.answer(own, values, kept),
    });
  const linear = spec.autoregression(examples);
  const head = (parameters: Named, body: BodyResult, batch: PaddedBatch, observer?: Observer): Tensor => {
    const answer = pooledHead(model, pooling, parameters, body, batch, observer);
    return linear.steps === 0 ? answer : tf.add(answer, autoregressed(linear, outputs.perTarget, parameters, batch));
  };
  const run = (parameters: Named, batch: PaddedBatch): Tensor =>
    head(parameters, encoder.run(parameters, batch), batch);
  const penalty = adaptationPenalty({ model, training }, examples, encoder, pooling);
  const measured = (prediction: Tensor, batch: PaddedBatch, held: ExamplesWith<'numbers'>) => {
    const targets = numberTargets(held, outputs, batch, 'sum');
    const lanes = batch.rows.length;
    const errors = spec.readsOutputs ? [] : [squaredError, absoluteError];
    const sums = [loss, ...errors].map((each) =>
      tf.reshape(lossOfLanes(each, prediction, targets, 'mean'), [lanes, 1]),
    );
    const read = spec.readsOutputs ? [tf.reshape(prediction, [lanes, -1])] : [];
    return { values: tf.concat([...sums, ...read], 1), kept: rowsOf(batch) };
  };
  return {
    ...fromExamples(batches, examples),
    evenBatches: batches.even && !training.adaptation,
    loss(parameters, batch, _states, positions) {
      const targets = numberTargets(examples.train, outputs, batch, 'mean');
      const body = encoder.run(parameters, batch, positions);
      const mean = lossOfLanes(loss, head(parameters, body, batch), targets, 'mean');
      return { loss: mean, penalty: penalty(parameters, batch, body, positions), states: [], buffers: body.buffers };
    },
    answering: answeringOver(examples),
    exhibit: spec.exhibit && showAnswers(() => spec.exhibit!(examples, (own) => answeringOver(own)('validation'))),
    evaluation: evaluation({
      data: examples,
      batches: (held) => measuringBatches(held, training.batchSize),
      measure: (parameters, batch, { held }) => measured(run(parameters, batch), batch, held),
      // Forecasts of networks that see a series in other ways are in other units.
      ...(spec.readsOutputs ? {} : { combined: { outputs: run, measure: measured } }),
      tallies: (lanes, { held }) => {
        const count = countedExamples(held);
        return perLane(lanes, () => spec.tally(examples, held, count));
      },
    }),
    inspection: () =>
      inspectExamples(model, examples, (parameters, batch, held, observer) => {
        const body = encoder.run(parameters, batch, undefined, observer);
        const targets = numberTargets(held, outputs, batch, 'sum');
        return lossOfLanes(loss, head(parameters, body, batch, observer), targets, 'mean');
      }),
  };
}

const rowsOf = ({ rows, batch }: PaddedBatch): AnsweredBatch => ({ rows: rows[0]!, batch });

/** The right numbers, [lane, batch, width], and which of them exist and are not missing (NaN). */
function numberTargets(
  { targets: { width, values }, units }: Pick<ExamplesWith<'numbers'>, 'targets' | 'units'>,
  { needsScale }: Pick<NumberOutputs, 'needsScale'>,
  { rows, batch }: PaddedBatch,
  over: 'mean' | 'sum',
): ElementTargets {
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
    scale: needsScale ? scaleOf(units!, rows, { batch, width }) : undefined,
  };
}

/** The scale of each target of a batch of windows, [lane, batch, width]; 1 where there is none. */
function scaleOf(
  units: readonly ForecastUnits[],
  rows: readonly Int32Array[],
  { batch, width }: { batch: number; width: number },
): Tensor {
  const scale = new Float32Array(rows.length * batch * width).fill(1);
  const horizon = width / units.length;
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) =>
      units.forEach((own, place) => {
        const at = (lane * batch + row) * width + place * horizon;
        scale.fill(own.scale[example]!, at, at + horizon);
      }),
    ),
  );
  return tf.tensor3d(scale, [rows.length, batch, width]);
}

/** The number of examples by what is not missing of their targets: one of two numbers counts a half. */
const countedExamples = ({ count, targets: { values } }: ExamplesWith<'numbers'>): number =>
  (count * values.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0)) / values.length;

/** The loss in the unit of training; mse and mae in that of the data. Reads the sums of the three over a batch. */
export function numbersTally(
  { targetScaling }: Pick<ExampleData, 'targetScaling'>,
  count: number,
): Tally<AnsweredBatch> {
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
