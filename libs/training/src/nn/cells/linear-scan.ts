import { hasKernel, scanKernel } from '../../tensor/kernels';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Reading } from './cell';
import { unitScan } from './unit-scan';
import { wideMask } from './unrolled';

/** x shifted by `by` steps in the reading direction, `fill` in the first ones; [lane, time, batch, hidden]. */
export function later(x: Tensor, by: number, reverse: boolean, fill: number): Tensor {
  const [lanes, steps, batch, hidden] = x.shape as [number, number, number, number];
  const rest = tf.slice(x, [0, reverse ? by : 0, 0, 0], [lanes, steps - by, batch, hidden]);
  const first = tf.fill([lanes, by, batch, hidden], fill);
  return tf.concat(reverse ? [rest, first] : [first, rest], 1);
}

/**
 * h_t = a_t∘h_{t−1} + b_t from h = 0, in ⌈log₂ steps⌉ passes over the sequence: Hillis & Steele 1986 over the pairs (a, b), whose
 * composition (a₂a₁, a₂b₁ + b₂) is associative (Blelloch 1990, section 1.4.1; Martin & Cundy 2018).
 */
function prefixes(a: Tensor, b: Tensor, reverse: boolean): Tensor {
  const steps = a.shape[1]!;
  let [factor, sum] = [a, b];
  for (let by = 1; by < steps; by *= 2) {
    sum = tf.add(sum, tf.mul(factor, later(sum, by, reverse, 0)));
    if (2 * by < steps) factor = tf.mul(factor, later(factor, by, reverse, 1));
  }
  return sum;
}

/** The same, differentiable: its gradient is a scan in the other direction, ∂b_t = ∂h_t + a_{t+1}∘∂b_{t+1}. */
const scan = (a: Tensor, b: Tensor, reverse: boolean): Tensor =>
  tf.customGrad((...[factors, terms, save]) => {
    const outputs = prefixes(factors as Tensor, terms as Tensor, reverse);
    (save as (tensors: Tensor[]) => void)([factors as Tensor, outputs]);
    return {
      value: outputs,
      gradFunc: (dy: Tensor, [given, h]: Tensor[]) => {
        const ofTerms = prefixes(later(given!, 1, !reverse, 0), dy, !reverse);
        return [tf.mul(ofTerms, later(h!, 1, reverse, 0)), ofTerms];
      },
    };
  })(a, b);

/**
 * A linear recurrence over a whole sequence at once: a and b [lane, time, batch, hidden], `start` [lane, batch, hidden]. A
 * step that does not count leaves the state as it is. By the engine's kernel where it has one.
 *
 * The paper of the minimal cells computes with logarithms, since its scan divides by products of a that underflow. This one
 * never divides, and takes states of either sign.
 */
export function linearScan(a: Tensor, b: Tensor, start: Tensor, reading: Reading): { outputs: Tensor; last: Tensor } {
  if (hasKernel(scanKernel)) return unitScan('linear', { inputs: tf.concat([a, b], 3), start }, reading);
  const { reverse, valid } = reading;
  const [lanes, steps, batch, hidden] = a.shape as [number, number, number, number];
  const counts = valid && wideMask(valid, hidden);
  const factors = counts ? tf.where(counts, a, tf.onesLike(a)) : a;
  const terms = counts ? tf.where(counts, b, tf.zerosLike(b)) : b;
  const at = (x: Tensor, step: number): Tensor => tf.slice(x, [0, step, 0, 0], [lanes, 1, batch, hidden]);
  const [first, end] = reverse ? [steps - 1, 0] : [0, steps - 1];
  const begun = tf.mul(at(factors, first), tf.reshape(start, [lanes, 1, batch, hidden]));
  const rest = tf.zeros([lanes, steps - 1, batch, hidden]);
  const withStart = steps === 1 ? begun : tf.concat(reverse ? [rest, begun] : [begun, rest], 1);
  const all = tf.add(terms, withStart);
  // Of a single step `prefixes` would return its own argument, whose gradient TensorFlow.js then counts twice.
  const outputs = steps === 1 ? all : scan(factors, all, reverse);
  return { outputs, last: tf.reshape(at(outputs, end), [lanes, batch, hidden]) };
}
