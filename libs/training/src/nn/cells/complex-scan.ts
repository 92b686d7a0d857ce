import { tf, type Tensor } from '../../tensor/tfjs';
import type { Reading } from './cell';
import { later } from './linear-scan';
import { wideMask } from './unrolled';

/** A complex number for each place, as two tensors of the same shape. */
export type Complex = readonly [re: Tensor, im: Tensor];

export const times = ([a, b]: Complex, [x, y]: Complex): Complex => [
  tf.sub(tf.mul(a, x), tf.mul(b, y)),
  tf.add(tf.mul(a, y), tf.mul(b, x)),
];
export const plus = ([a, b]: Complex, [x, y]: Complex): Complex => [tf.add(a, x), tf.add(b, y)];

/** z_t = a_t·z_{t−1} + x_t from z = 0, in ⌈log₂ steps⌉ passes (Hillis & Steele 1986); each [lane, time, batch, hidden]. */
function prefixes(a: Complex, x: Complex, reverse: boolean): Complex {
  const shifted = ([re, im]: Complex, by: number, one: number): Complex => [
    later(re, by, reverse, one),
    later(im, by, reverse, 0),
  ];
  let [factor, sum] = [a, x];
  for (let by = 1; by < x[0].shape[1]!; by *= 2) {
    sum = plus(sum, times(factor, shifted(sum, by, 0)));
    factor = times(factor, shifted(factor, by, 1));
  }
  return sum;
}

/**
 * z_t = a·z_{t−1} + x_t over a whole sequence at once: x [lane, time, batch, hidden], `start` [lane, batch, hidden] and a [lane, 1,
 * hidden]. A step that does not count leaves the state as it is, and its output is undefined.
 */
export function complexScan(
  x: Complex,
  a: Complex,
  start: Complex,
  { reverse, valid }: Reading,
): { outputs: Complex; last: Complex } {
  const [lanes, steps, batch, hidden] = x[0].shape as [number, number, number, number];
  const counts = valid && wideMask(valid, hidden);
  const both = (compute: (part: 0 | 1) => Tensor): Complex => [compute(0), compute(1)];
  const factors = both((part) => {
    const everywhere = tf.add(tf.reshape(a[part], [lanes, 1, 1, hidden]), tf.zerosLike(x[part]));
    return counts ? tf.where(counts, everywhere, tf.fill(everywhere.shape, 1 - part)) : everywhere;
  });
  const terms = both((part) => (counts ? tf.where(counts, x[part], tf.zerosLike(x[part])) : x[part]));
  const at = (all: Complex, step: number): Complex =>
    both((part) => tf.slice(all[part], [0, step, 0, 0], [lanes, 1, batch, hidden]));
  const before = both((part) => tf.reshape(start[part], [lanes, 1, batch, hidden]));
  const begun = times(at(factors, reverse ? steps - 1 : 0), before);
  const rest = tf.zeros([lanes, steps - 1, batch, hidden]);
  const withStart = (part: Tensor): Tensor =>
    steps === 1 ? part : tf.concat(reverse ? [rest, part] : [part, rest], 1);
  const outputs = prefixes(factors, plus(terms, [withStart(begun[0]), withStart(begun[1])]), reverse);
  const last = at(outputs, reverse ? 0 : steps - 1);
  return { outputs, last: both((part) => tf.reshape(last[part], [lanes, batch, hidden])) };
}
