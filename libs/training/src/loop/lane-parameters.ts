import { flatten, createLayout, split, unflatten, type Layout } from '../nn/layout';
import type { Named, Parameter, Weights } from '../nn/parameter';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Block } from './checkpoint';
import type { Lane } from './lane';
import type { Pass } from './passes';

/** The names of blocks in a checkpoint: the weights, then the optimizer's slots. */
const blockName = (index: number): string => (index === 0 ? 'weights' : `slot ${index - 1}`);

/** Parameters of some lanes by name. The caller disposes them. */
export interface OwnParameters {
  named: Named;
  dispose: () => void;
}

/**
 * The parameters of several lanes, each lane's as one flat vector, with the optimizer's slots beside them. Owns its tensors until
 * `dispose`.
 */
export class LaneParameters {
  readonly layout: Layout;
  /** [lane, length] */
  flat: Tensor;
  /** Of the optimizer, each [lane, length]. */
  slots: Tensor[];
  private readonly frozenLayout: Layout;
  private frozen: Tensor; // [lane, length]

  /** `initial` gives each lane's first values under PyTorch's names and in its layout. */
  constructor(lanes: readonly Lane[], slots: number, initial: (lane: Lane, parameter: Parameter) => ArrayLike<number>) {
    this.layout = createLayout(lanes[0]!.parameters);
    this.frozenLayout = createLayout(lanes[0]!.frozen);
    const stacked = (kind: 'parameters' | 'frozen', { length }: Layout): Tensor => {
      const all = new Float32Array(lanes.length * length);
      lanes.forEach((lane, at) =>
        all.set(
          flatten(lane[kind], (each) => initial(lane, each)),
          at * length,
        ),
      );
      return tf.tensor2d(all, [lanes.length, length]);
    };
    this.flat = stacked('parameters', this.layout);
    this.frozen = stacked('frozen', this.frozenLayout);
    this.slots = Array.from({ length: slots }, () => tf.zerosLike(this.flat));
  }

  /** The parameters of the lanes of a pass as tensors of their own, each [lane, rows, columns], in the layout's order. */
  split(pass: Pass): { trained: Tensor[]; frozen: Tensor[] } {
    const lanes = [pass.from, pass.to] as const;
    return { trained: split(this.flat, this.layout, lanes), frozen: splitIfAny(this.frozen, this.frozenLayout, lanes) };
  }

  /** Tensors in the order of `split`, by name. */
  named(trained: readonly Tensor[], frozen: readonly Tensor[]): Named {
    const byName = new Map(this.layout.names.map((name, index) => [name, trained[index]!]));
    this.frozenLayout.names.forEach((name, index) => byName.set(name, frozen[index]!));
    return (name) => byName.get(name)!;
  }

  /** All parameters of the lanes at `indices`. `flats`: other values than the current ones, a flat vector for each. */
  select(indices: readonly number[], flats?: readonly Float32Array[]): OwnParameters {
    const trained = tf.tidy(() =>
      split(flats ? tf.stack(flats.map((values) => tf.tensor1d(values))) : rowsAt(this.flat, indices), this.layout),
    );
    const frozen = tf.tidy(() => splitIfAny(rowsAt(this.frozen, indices), this.frozenLayout));
    return { named: this.named(trained, frozen), dispose: () => tf.dispose([...trained, ...frozen]) };
  }

  /** The parameters of each lane in our layout, by name; not to be changed. */
  async values(): Promise<((name: string) => Float32Array)[]> {
    const [flat, frozen] = [await this.flat.data<'float32'>(), await this.frozen.data<'float32'>()];
    return Array.from({ length: this.flat.shape[0] }, (_, lane) => {
      const byName = new Map([...views(flat, this.layout, lane), ...views(frozen, this.frozenLayout, lane)]);
      return (name) => byName.get(name)!;
    });
  }

  /** A copy of a lane's flat vector. */
  async readFlat(index: number): Promise<Float32Array> {
    const own = tf.tidy(() => tf.slice(this.flat, [index, 0], [1, this.layout.length]));
    const values = (await own.data()) as Float32Array;
    own.dispose();
    return values;
  }

  /** A lane's weights under PyTorch's names and in its layout, without padding. `flat`: other values than the current ones. */
  async weights(index: number, { parameters, frozen }: Lane, flat?: Float32Array): Promise<Weights> {
    const trained = unflatten(parameters, flat ?? (await this.readFlat(index)));
    return { ...unflatten(frozen, await this.readFrozen(index)), ...trained };
  }

  private async readFrozen(index: number): Promise<Float32Array> {
    if (this.frozenLayout.names.length === 0) return new Float32Array(0);
    const own = tf.tidy(() => rowsAt(this.frozen, [index]));
    const values = (await own.data()) as Float32Array;
    own.dispose();
    return values;
  }

  /** Takes the parameters and slots of an update, and disposes those before it. */
  replace(flat: Tensor, slots: readonly Tensor[]): void {
    tf.dispose([this.flat, ...this.slots]);
    this.flat = tf.keep(flat);
    this.slots = slots.map((slot) => tf.keep(slot));
  }

  /** Adds each lane's parameters and slots to its blocks, as plain values. */
  async read(blocks: readonly Record<string, Block>[]): Promise<void> {
    const { length } = this.layout;
    for (const [index, tensor] of [this.flat, ...this.slots].entries()) {
      const values = (await tensor.data()) as Float32Array;
      blocks.forEach((own, lane) => {
        own[blockName(index)] = { shape: [length], values: values.slice(lane * length, (lane + 1) * length) };
      });
    }
  }

  /** Restores what `read` gave; undefined for a lane that keeps its values. */
  restore(blocks: readonly (Record<string, Block> | undefined)[]): void {
    const { length } = this.layout;
    const [flat, ...slots] = [this.flat, ...this.slots].map((tensor, index) =>
      // Lanes that keep their values are copied where they are: a GPU's can't be read at once.
      tf.tidy(() =>
        tf.concat(
          blocks.map((own, lane) =>
            own
              ? tf.tensor2d(Float32Array.from(own[blockName(index)]!.values), [1, length])
              : tf.slice(tensor, [lane, 0], [1, length]),
          ),
          0,
        ),
      ),
    );
    this.replace(flat!, slots);
  }

  /** Keeps some of the lanes: `gather` takes their rows of a tensor. */
  keep(gather: (tensor: Tensor) => Tensor): void {
    const [flat, ...slots] = [this.flat, ...this.slots].map(gather);
    this.replace(flat!, slots);
    const before = this.frozen;
    this.frozen = gather(before);
    before.dispose();
  }

  /** Appends copies of the lanes of `other`, which has the same layout. */
  append(other: LaneParameters): void {
    const theirs = [other.flat, ...other.slots];
    const [flat, ...slots] = [this.flat, ...this.slots].map((tensor, index) => tf.concat([tensor, theirs[index]!], 0));
    this.replace(flat!, slots);
    const before = this.frozen;
    this.frozen = tf.concat([before, other.frozen], 0);
    before.dispose();
  }

  dispose(): void {
    tf.dispose([this.flat, this.frozen, ...this.slots]);
  }
}

const splitIfAny = (flat: Tensor, layout: Layout, lanes?: readonly [number, number]): Tensor[] =>
  layout.names.length === 0 ? [] : split(flat, layout, lanes);

/** Each parameter's part of a lane's flat vector, of those of all lanes. */
const views = (
  flat: Float32Array,
  { names, shapes, offsets, length }: Layout,
  lane: number,
): [string, Float32Array][] =>
  names.map((name, index) => {
    const [[rows, columns], begin] = [shapes[index]!, lane * length + offsets[index]!];
    return [name, flat.subarray(begin, begin + rows * columns)];
  });

const rowsAt = (flat: Tensor, indices: readonly number[]): Tensor =>
  tf.gather(flat, tf.tensor1d([...indices], 'int32'));
