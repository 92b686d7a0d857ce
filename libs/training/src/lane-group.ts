import type { OptimizerSpec } from '@unroll/contracts';
import { CarriedStates } from './carried-states';
import { tf, type Tensor } from './engines/tfjs';
import { flatten, join, layoutOf, norms, split, unflatten, type Layout } from './layout';
import { noClipping } from './optimizers/clip';
import { clippedUpdate } from './optimizers/clipped-update';
import { optimizers } from './optimizers/optimizers';
import type { Optimizer } from './optimizers/optimizer';
import type { Parameter, Weights } from './parameters';
import type { Named, OpenTask, States } from './tasks/task';

/** One trial as a lane: what differs between lanes. All else is the task's. */
export interface Lane {
  parameters: readonly Parameter[];
  seed: number;
  optimizer: OptimizerSpec;
  learningRate: number;
  /** Null for no clipping. */
  clipNorm: number | null;
  /** Updates done. Every position in data, schedules and random streams follows from it. */
  updates: number;
}

/**
 * Several trials trained as one array with a leading lane axis. No operation mixes lanes: one trained alone gives the same
 * numbers. Owns its tensors until `dispose`.
 */
export class LaneGroup {
  readonly lanes: Lane[];
  private readonly layout: Layout;
  private readonly optimizer: Optimizer;
  private readonly carried: CarriedStates;
  private flat: Tensor; // [lane, length]
  private slots: Tensor[]; // each [lane, length]
  private limits: Tensor; // [lane, 1]

  /** `start` gives each lane's first values under PyTorch's names and layout. */
  constructor(
    lanes: readonly Lane[],
    private readonly task: OpenTask,
    start: (lane: Lane, parameter: Parameter) => ArrayLike<number>,
  ) {
    this.lanes = lanes.map((lane) => ({ ...lane }));
    this.layout = layoutOf(lanes[0]!.parameters);
    this.optimizer = optimizers[lanes[0]!.optimizer.kind];
    this.carried = new CarriedStates(task.stateAge);
    const flat = lanes.map((lane) => flatten(lane.parameters, (parameter) => start(lane, parameter)));
    this.flat = tf.tidy(() => tf.stack(flat.map((values) => tf.tensor1d(values))));
    this.slots = Array.from({ length: this.optimizer.slots }, () => tf.zerosLike(this.flat));
    this.limits = this.limitsOf(this.lanes);
  }

  /**
   * One update of every lane. The answer, [2, lane], has each lane's loss and its gradient's norm before clipping; the
   * caller disposes it. Nothing is read back here, so nothing waits for the device.
   */
  advance(): Tensor {
    const { task, lanes, layout } = this;
    return tf.tidy(() => {
      const positions = lanes.map(({ seed, updates }) => ({ seed, update: updates + 1 }));
      const batch = task.trainingBatch(positions);
      const before = this.carried.before(
        positions.map((position) => task.sinceReset(position)),
        task.zeroStates(lanes.length),
      );

      // What is differentiated is the sum over lanes of each lane's mean loss: gradients of one lane see no other.
      let after: States | undefined;
      const { value: loss, grads } = tf.valueAndGrads((...parameters: Tensor[]) => {
        const result = task.loss(this.named(parameters), batch, before, true);
        after = result.states.map((layers) => layers.map((state) => tf.keep(state)));
        return result.loss; // [lane]
      })(split(this.flat, layout));
      this.carried.save(after!);

      const gradient = join(grads, layout); // [lane, length]
      const norm = norms(gradient); // [lane, 1]
      const clipped = { values: gradient, norms: norm, limits: this.limits };
      const next = clippedUpdate(this.optimizer, this.flat, clipped, this.slots, this.scalars());
      this.replace(next.parameters, next.slots);
      for (const lane of lanes) lane.updates++;
      return tf.stack([loss, tf.reshape(norm, [lanes.length])]);
    });
  }

  /** The mean loss of the held-out part for the lanes at `indices`. `onBatch` is awaited after each batch. */
  async evaluate(indices: readonly number[], onBatch: () => Promise<void>): Promise<number[]> {
    const { task } = this;
    const parameters = this.parametersOf(indices);
    const sums: Tensor[] = [];
    const counts = indices.map(() => 0);
    let states = task.zeroStates(indices.length);
    for (let index = 0; index < task.validationBatches; index++) {
      const [sum, ...after] = tf.tidy(() => {
        const batch = task.validationBatch(index, indices.length);
        batch.counts.forEach((count, lane) => (counts[lane]! += count));
        const before = task.validationCarries ? states : task.zeroStates(indices.length);
        const result = task.loss(this.named(parameters), batch, before, false);
        return [result.loss, ...(task.validationCarries ? result.states.flat() : [])];
      });
      sums.push(sum);
      if (task.validationCarries) {
        const layers = states[0]!.length;
        tf.dispose(states);
        states = states.map((each, state) => each.map((_, layer) => after[state * layers + layer]!));
      }
      await onBatch();
    }
    const all = tf.tidy(() => tf.stack(sums)); // [batches, lane]
    const values = await all.data();
    tf.dispose([all, ...sums, ...parameters, ...states.flat()]);
    return indices.map((_, lane) => {
      let total = 0;
      for (let index = 0; index < task.validationBatches; index++) total += values[index * indices.length + lane]!;
      return total / counts[lane]!;
    });
  }

  /** A line that each of the lanes at `indices` writes. */
  async sample(indices: readonly number[], length: number): Promise<string[]> {
    const parameters = this.parametersOf(indices);
    const positions = indices.map((index) => ({ seed: this.lanes[index]!.seed, update: this.lanes[index]!.updates }));
    const lines = await this.task.sample(this.named(parameters), positions, length);
    tf.dispose(parameters);
    return lines;
  }

  /** The weights of a lane under PyTorch's names, in its layout, without padding. */
  async weights(index: number): Promise<Weights> {
    const own = tf.tidy(() => tf.slice(this.flat, [index, 0], [1, this.layout.length]));
    const values = (await own.data()) as Float32Array;
    own.dispose();
    return unflatten(this.lanes[index]!.parameters, values);
  }

  /** Goes on with the lanes at `indices` alone, whose numbers stay what they are. */
  keep(indices: readonly number[]): void {
    const rows = tf.tensor1d([...indices], 'int32');
    const gather = (tensor: Tensor): Tensor => tf.gather(tensor, rows);
    this.carried.keepLanes(gather);
    const [parameters, ...slots] = [this.flat, ...this.slots].map(gather);
    this.replace(parameters!, slots);
    this.lanes.splice(0, this.lanes.length, ...indices.map((index) => this.lanes[index]!));
    this.limits.dispose();
    this.limits = this.limitsOf(this.lanes);
    rows.dispose();
  }

  dispose(): void {
    tf.dispose([this.flat, ...this.slots, this.limits]);
    this.carried.dispose();
  }

  private limitsOf(lanes: readonly Lane[]): Tensor {
    return tf.tensor2d(lanes.map(({ clipNorm }) => [clipNorm ?? noClipping]));
  }

  private named(parameters: readonly Tensor[]): Named {
    const byName = new Map(this.layout.names.map((name, index) => [name, parameters[index]!]));
    return (name) => byName.get(name)!;
  }

  private parametersOf(indices: readonly number[]): Tensor[] {
    return tf.tidy(() => split(tf.gather(this.flat, tf.tensor1d([...indices], 'int32')), this.layout));
  }

  /** The optimizer's numbers of each lane for the coming update. */
  private scalars(): Record<string, number>[] {
    return this.lanes.map(({ optimizer, learningRate, updates }) =>
      this.optimizer.scalars(optimizer, learningRate, updates + 1),
    );
  }

  private replace(parameters: Tensor, slots: Tensor[]): void {
    tf.dispose([this.flat, ...this.slots]);
    this.flat = tf.keep(parameters);
    this.slots = slots.map((slot) => tf.keep(slot));
  }
}
