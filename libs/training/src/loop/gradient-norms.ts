import { parameterGroups } from '../diagnostics/parameter-groups';
import type { Layout } from '../nn/layout';
import { tf, type Tensor } from '../tensor/tfjs';

/** The norms of the gradient of each group of parameters, kept from the last observed update. */
export class GradientNorms {
  private readonly groups: ReadonlyMap<string, readonly number[]>;
  private kept: Tensor | undefined; // [lane, group]

  constructor(private readonly layout: Layout) {
    this.groups = parameterGroups(layout.names);
  }

  /** Whether an update was observed since the lanes last changed. */
  get known(): boolean {
    return this.kept !== undefined;
  }

  /** Keeps the norms of a gradient [lane, length]. */
  observe(gradient: Tensor): void {
    const { offsets, shapes } = this.layout;
    const [lanes] = gradient.shape as [number, number];
    const squares = shapes.map(([rows, columns], at) =>
      tf.sum(tf.square(tf.slice(gradient, [0, offsets[at]!], [lanes, rows * columns])), 1),
    );
    const norms = [...this.groups.values()].map((members) => tf.sqrt(tf.addN(members.map((at) => squares[at]!))));
    this.forget();
    this.kept = tf.keep(tf.stack(norms, 1));
  }

  /** Each lane's norms, by group. */
  async read(lanes: readonly number[]): Promise<Record<string, number>[]> {
    const all = await this.kept!.data();
    const names = [...this.groups.keys()];
    return lanes.map((lane) =>
      Object.fromEntries(names.map((name, at): [string, number] => [name, all[lane * names.length + at]!])),
    );
  }

  /** Disposes what is kept: the lanes change, or end. */
  forget(): void {
    this.kept?.dispose();
    this.kept = undefined;
  }
}
