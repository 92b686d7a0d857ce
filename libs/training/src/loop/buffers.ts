import { tf, type Tensor } from '../tensor/tfjs';
import { join, type Layout } from '../nn/layout';
import type { Parameter } from '../nn/parameter';
import type { Outcome } from '../tasks/task';

/**
 * The parameters that training measures, running statistics, among those that follow a gradient: they lie in the same flat
 * vector, so that they are kept, saved and used as weights are, but no gradient, penalty, noise or optimizer touches them. Where
 * there are none, everything is handed through as it is.
 */
export class Measured {
  /** Of each parameter. */
  private readonly isMeasured: readonly boolean[];
  private readonly any: boolean;

  constructor(
    parameters: readonly Parameter[],
    private readonly layout: Layout,
  ) {
    this.isMeasured = parameters.map(({ measured }) => measured === true);
    this.any = this.isMeasured.includes(true);
  }

  /** Of all parameters those that are trained. */
  trained = (all: readonly Tensor[]): Tensor[] => all.filter((_, index) => !this.isMeasured[index]);

  /** All parameters again, `trained` in their places. */
  merged(all: readonly Tensor[], trained: readonly Tensor[]): readonly Tensor[] {
    let next = 0;
    return this.any ? all.map((each, index) => (this.isMeasured[index] ? each : trained[next++]!)) : trained;
  }

  /** The gradients of all parameters: 0 of those that are measured. */
  withZeros(all: readonly Tensor[], gradients: readonly Tensor[]): readonly Tensor[] {
    return this.any
      ? this.merged(
          all.map((each) => tf.zerosLike(each)),
          gradients,
        )
      : gradients;
  }

  /** What an update measured, kept beyond the function that is differentiated, and not beyond the surrounding tidy of it. */
  kept(values: Outcome['measured']): Outcome['measured'] {
    if (!this.any) return undefined;
    return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, tf.keep(value)]));
  }

  /** A flat vector [lane, length] with 0 in the places that are measured. */
  without = (flat: Tensor): Tensor => (this.any ? tf.where(this.places(flat), tf.zerosLike(flat), flat) : flat);

  /** A flat vector [lane, length] with what was measured in its places. Disposes that. */
  written(flat: Tensor, values: Outcome['measured']): Tensor {
    if (!this.any || !values) return flat;
    const { names, shapes } = this.layout;
    const lanes = flat.shape[0];
    const missing = names.filter((name, index) => this.isMeasured[index] && !values[name]);
    if (missing.length > 0) throw new Error(`${missing.join(', ')}: the task says nothing of what it measured`);
    const all = names.map((name, index) => values[name] ?? tf.zeros([lanes, ...shapes[index]!]));
    const next = tf.where(this.places(flat), join(all, this.layout), flat);
    tf.dispose(Object.values(values));
    return next;
  }

  /** Where a flat vector is measured, bool [lane, length]. */
  private places({ shape: [lanes] }: Tensor): Tensor {
    const { shapes, offsets, length } = this.layout;
    const own = new Uint8Array(length);
    this.isMeasured.forEach((is, index) => {
      const [rows, columns] = shapes[index]!;
      if (is) own.fill(1, offsets[index], offsets[index]! + rows * columns);
    });
    const all = new Uint8Array(lanes * length);
    for (let lane = 0; lane < lanes; lane++) all.set(own, lane * length);
    return tf.tensor2d(all, [lanes, length], 'bool');
  }
}
