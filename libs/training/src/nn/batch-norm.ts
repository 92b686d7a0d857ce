import { tf, type Tensor } from '../tensor/tfjs';
import type { Parameter, Axis } from './parameter';
import { sumOfRows } from '../functional/linear';
import { wideMask } from './cells/unrolled';

/** Epsilon of the variance, and momentum of the running statistics: as in torch.nn.BatchNorm1d. */
const epsilon = 1e-5;
const momentum = 0.1;

/** Those of torch.nn.BatchNorm1d over `columns`, under its names. The running statistics are buffers. */
export function batchNormParameters(name: string, columns: Axis): Parameter[] {
  const vector = (own: string, value: number, trained: boolean): Parameter => ({
    name: `${name}.${own}`,
    axes: [columns],
    transposed: false,
    start: { value },
    ...(trained ? {} : { buffer: true }),
  });
  return [
    vector('weight', 1, true),
    vector('bias', 0, true),
    vector('running_mean', 0, false),
    vector('running_var', 1, false),
  ];
}

/** Each [lane, 1, columns]. */
export interface BatchNorm {
  weight: Tensor;
  bias: Tensor;
  mean: Tensor;
  variance: Tensor;
}

/**
 * Each column with mean 0 and variance 1 over all steps that count of all sequences of a lane, times a weight and plus a
 * bias (Ioffe & Szegedy 2015; over time as Laurent et al. 2016): torch.nn.BatchNorm1d of the rows that count. x [lane,
 * time, batch, columns], valid bool [lane, time, batch] → the same shape, the bias where a step does not count. `running`:
 * the statistics after this batch.
 */
export function batchNorm(
  x: Tensor,
  valid: Tensor | undefined,
  { weight, bias, mean, variance }: BatchNorm,
): { values: Tensor; running: Pick<BatchNorm, 'mean' | 'variance'> } {
  const { rows, mask } = flatRows(x, valid);
  const [lanes, total] = rows.shape as [number, number];
  const count = valid
    ? tf.reshape(tf.sum(tf.reshape(tf.cast(valid, 'float32'), [lanes, total]), 1), [lanes, 1, 1])
    : tf.fill([lanes, 1, 1], total);
  const ofBatch = tf.div(sumOfRows(selected(rows, mask)), count);
  const ofSquares = tf.div(sumOfRows(tf.square(selected(tf.sub(rows, ofBatch), mask))), count);
  const unit = normalised(rows, mask, { mean: ofBatch, variance: ofSquares, count });
  const unbiased = tf.mul(ofSquares, tf.div(count, tf.maximum(tf.sub(count, 1), 1)));
  const next = (before: Tensor, now: Tensor): Tensor => tf.add(tf.mul(before, 1 - momentum), tf.mul(now, momentum));
  return {
    values: tf.reshape(tf.add(tf.mul(unit, weight), bias), x.shape),
    running: { mean: next(mean, ofBatch), variance: next(variance, unbiased) },
  };
}

/** The same with the running statistics, for evaluation. Differentiable in x. */
export function runningNorm(x: Tensor, valid: Tensor | undefined, { weight, bias, mean, variance }: BatchNorm): Tensor {
  const { rows, mask } = flatRows(x, valid);
  const unit = tf.mul(tf.sub(selected(rows, mask), mean), tf.rsqrt(tf.add(variance, epsilon)));
  return tf.reshape(tf.add(tf.mul(unit, weight), bias), x.shape);
}

/**
 * (x − mean)/√(variance + ε), whose gradient goes through both as well; rows that do not count contribute nothing and
 * receive no gradient.
 */
const normalised = (
  rows: Tensor,
  mask: Tensor | undefined,
  { mean, variance, count }: { mean: Tensor; variance: Tensor; count: Tensor },
): Tensor =>
  tf.customGrad((...[given, save]) => {
    const deviation = tf.rsqrt(tf.add(variance, epsilon));
    const unit = tf.mul(selected(tf.sub(given as Tensor, mean), mask), deviation);
    (save as (tensors: Tensor[]) => void)([unit, deviation, count, ...(mask ? [mask] : [])]);
    return {
      value: unit,
      gradFunc: (dy: Tensor, [row, inverse, n, counts]: Tensor[]) => {
        const arriving = selected(dy, counts);
        const along = tf.mul(row!, tf.div(sumOfRows(tf.mul(arriving, row!)), n!));
        const centred = tf.sub(arriving, tf.div(sumOfRows(arriving), n!));
        return selected(tf.mul(tf.sub(centred, along), inverse!), counts);
      },
    };
  })(rows);

function flatRows(x: Tensor, valid: Tensor | undefined): { rows: Tensor; mask: Tensor | undefined } {
  const [lanes, steps, batch, columns] = x.shape as [number, number, number, number];
  const shape: [number, number, number] = [lanes, steps * batch, columns];
  return { rows: tf.reshape(x, shape), mask: valid && tf.reshape(wideMask(valid, columns), shape) };
}

const selected = (x: Tensor, mask: Tensor | undefined): Tensor => (mask ? tf.where(mask, x, tf.zerosLike(x)) : x);
