import { tf, type Tensor } from '../tensor/tfjs';
import { join, type Layout } from '../nn/layout';
import type { Parameter } from '../nn/parameter';
import type { Outcome } from '../tasks/task';

/**
 * The buffers among the parameters of a network, such as running statistics. They are part of the same flat vector, so they
 * are kept, saved and used like weights, but no gradient, penalty, noise or optimizer touches them. A network without
 * buffers passes through unchanged.
 */
export class Buffers {
  /** Of each parameter. */
  private readonly isBuffer: readonly boolean[];
  private readonly any: boolean;

  constructor(
    parameters: readonly Parameter[],
    private readonly layout: Layout,
  ) {
    this.isBuffer = parameters.map(({ buffer }) => buffer === true);
    this.any = this.isBuffer.includes(true);
  }

  /** The parameters that follow a gradient. */
  trained = (all: readonly Tensor[]): Tensor[] => all.filter((_, index) => !this.isBuffer[index]);

  /** All parameters, with `trained` in the places of those that follow a gradient. */
  merged(all: readonly Tensor[], trained: readonly Tensor[]): readonly Tensor[] {
    let next = 0;
    return this.any ? all.map((each, index) => (this.isBuffer[index] ? each : trained[next++]!)) : trained;
  }

  /** The gradients of all parameters: 0 for buffers. */
  withZeros(all: readonly Tensor[], gradients: readonly Tensor[]): readonly Tensor[] {
    return this.any
      ? this.merged(
          all.map((each) => tf.zerosLike(each)),
          gradients,
        )
      : gradients;
  }

  /** The new values of an update, kept beyond the function that is differentiated; the caller disposes them. */
  kept(values: Outcome['buffers']): Outcome['buffers'] {
    if (!this.any) return undefined;
    return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, tf.keep(value)]));
  }

  /** A flat vector [lane, length] with 0 for buffers. */
  without = (flat: Tensor): Tensor => (this.any ? tf.where(this.places(flat), tf.zerosLike(flat), flat) : flat);

  /** A flat vector [lane, length] with the new values of its buffers, which are disposed. */
  written(flat: Tensor, values: Outcome['buffers']): Tensor {
    if (!this.any || !values) return flat;
    const { names, shapes } = this.layout;
    const lanes = flat.shape[0];
    const missing = names.filter((name, index) => this.isBuffer[index] && !values[name]);
    if (missing.length > 0) throw new Error(`the task returned no new values of the buffers ${missing.join(', ')}`);
    const all = names.map((name, index) => values[name] ?? tf.zeros([lanes, ...shapes[index]!]));
    const next = tf.where(this.places(flat), join(all, this.layout), flat);
    tf.dispose(Object.values(values));
    return next;
  }

  /** Which values of a flat vector belong to buffers, bool [lane, length]. */
  private places({ shape: [lanes] }: Tensor): Tensor {
    const { shapes, offsets, length } = this.layout;
    const own = new Uint8Array(length);
    this.isBuffer.forEach((is, index) => {
      const [rows, columns] = shapes[index]!;
      if (is) own.fill(1, offsets[index], offsets[index]! + rows * columns);
    });
    const all = new Uint8Array(lanes * length);
    for (let lane = 0; lane < lanes; lane++) all.set(own, lane * length);
    return tf.tensor2d(all, [lanes, length], 'bool');
  }
}
