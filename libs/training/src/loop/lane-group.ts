import type { Diagnostics, OptimizerSpec, Snapshots, ScheduleSpec, TeacherForcingSpec } from '@unroll/contracts';
import { CarriedStates } from './carried-states';
import type { Block } from './checkpoint';
import { tf, type Tensor } from '../tensor/tfjs';
import { inspect } from '../diagnostics/inspect';
import { parameterGroups } from '../diagnostics/parameter-groups';
import { takeSnapshots } from '../diagnostics/snapshots';
import { diagnosticsOf } from '../diagnostics/report';
import { flatten, join, layoutOf, norms, split, unflatten, type Layout } from '../nn/layout';
import { noClipping } from '../optim/clip';
import { clippedUpdate } from '../optim/clipped-update';
import { optimizers } from '../optim/optimizers';
import type { Optimizer } from '../optim/optimizer';
import type { Parameter, Weights } from '../nn/parameter';
import { regularised, type Regularisation } from '../optim/regularisation';
import { Measured } from './buffers';
import { freshPlateau, rateFactor, type Plateau } from '../optim/schedule';
import { forcingRatio } from './teacher-forcing';
import { plainPosition, type LanePosition, type Part } from '../batches/lane-position';
import type { Inspection, OpenTask, Outcome } from '../tasks/task';
import type { Named, States } from '../nn/parameter';
import { measure } from '../tasks/measure';

/** One trial as a lane: what differs between lanes. All else is the task's. */
export interface Lane extends Omit<LanePosition, 'update' | 'forcing'>, Regularisation {
  /** Those that learn. */
  parameters: readonly Parameter[];
  /** Those that stay as they begin: no update, no decay, no part of a norm. The same of all lanes of a group. */
  frozen: readonly Parameter[];
  optimizer: OptimizerSpec;
  learningRate: number;
  schedule: ScheduleSpec;
  teacherForcing: TeacherForcingSpec;
  plateau: Plateau;
  /** Null for no clipping. */
  clipNorm: number | null;
  /** Units of a layer, without padding. */
  units: number;
  /** Updates done. Every position in data, schedules and random streams follows from it. */
  updates: number;
  /** The last update. */
  totalUpdates: number;
  /** The weights that it begins with; undefined for random ones. */
  start?: Weights | undefined;
}

/** What a lane is where nothing is said. */
export const plainLane = {
  ...plainPosition,
  ...{ l1: 0, l2: 0, gradientNoise: 0, clipValue: null, clipNorm: null },
  frozen: [],
  schedule: { kind: 'constant', warmUp: 0 },
  teacherForcing: 1,
  plateau: freshPlateau(),
  ...{ updates: 0, totalUpdates: Infinity, units: 0 },
} as const;

const nothingToInspect: Inspection = {
  ...{ layers: 0, width: 0, steps: 0, lengths: new Int32Array(0) },
  loss: (_, lanes) => tf.zeros([lanes]),
};

/** A lane at an update, from 1. */
const positionOf = (lane: Lane, update: number): Lane & LanePosition => ({
  ...lane,
  update,
  forcing: forcingRatio(lane.teacherForcing, update, lane.totalUpdates),
});

/** Weights, then the optimizer's slots. */
const blockName = (index: number): string => (index === 0 ? 'weights' : `slot ${index - 1}`);

/**
 * Several trials trained as one array with a leading lane axis. No operation mixes lanes: one trained alone gives the same
 * numbers. Owns its tensors until `dispose`.
 */
export class LaneGroup {
  readonly lanes: Lane[];
  private readonly layout: Layout;
  private readonly restingLayout: Layout;
  private readonly optimizer: Optimizer;
  private readonly carried: CarriedStates;
  private flat: Tensor; // [lane, length]
  private resting: Tensor; // of frozen weights, [lane, length]
  private slots: Tensor[]; // each [lane, length]
  private limits!: Tensor; // [lane, 1]
  private ones!: Tensor; // [lane], what flows back into each loss
  private readonly measured: Measured;
  /** Of the last update that was observed: the norms of each group's gradient, [lane, group]. */
  private groupNorms: Tensor | undefined;

  /** `start` gives each lane's first values under PyTorch's names and layout. */
  constructor(
    lanes: readonly Lane[],
    private readonly task: OpenTask<unknown>,
    start: (lane: Lane, parameter: Parameter) => ArrayLike<number>,
  ) {
    this.lanes = lanes.map((lane) => ({ ...lane }));
    this.layout = layoutOf(lanes[0]!.parameters);
    this.restingLayout = layoutOf(lanes[0]!.frozen);
    this.optimizer = optimizers[lanes[0]!.optimizer.kind];
    this.carried = new CarriedStates(task.stateAge);
    const stacked = (kind: 'parameters' | 'frozen'): Tensor =>
      tf.tidy(() => tf.stack(lanes.map((lane) => tf.tensor1d(flatten(lane[kind], (each) => start(lane, each))))));
    this.flat = stacked('parameters');
    this.resting = stacked('frozen');
    this.slots = Array.from({ length: this.optimizer.slots }, () => tf.zerosLike(this.flat));
    this.renewConstants();
    this.measured = new Measured(lanes[0]!.parameters, this.layout);
  }

  /** What a lane's values lie in: equal for lanes that can go on from each other's. */
  get layoutName(): string {
    const { names, shapes } = this.layout;
    return JSON.stringify([this.optimizer.kind, names, shapes]);
  }

  /** Every lane's weights, the optimizer's memory of it and its carried states, as plain values. */
  async read(): Promise<Record<string, Block>[]> {
    const { length } = this.layout;
    const blocks = await this.carried.read(this.lanes.length);
    for (const [name, tensor] of [this.flat, ...this.slots].map((each, index) => [blockName(index), each] as const)) {
      const values = (await tensor.data()) as Float32Array;
      blocks.forEach((own, lane) => {
        own[name] = { shape: [length], values: values.slice(lane * length, (lane + 1) * length) };
      });
    }
    return blocks;
  }

  /** Takes up what `read` gave for lanes of this layout; undefined for a lane that starts anew. */
  restore(blocks: readonly (Record<string, Block> | undefined)[]): void {
    const restored = [this.flat, ...this.slots].map((tensor, index) => {
      const values = tensor.dataSync().slice() as Float32Array;
      blocks.forEach((own, lane) => own && values.set(own[blockName(index)]!.values, lane * this.layout.length));
      return tf.tensor2d(values, [this.lanes.length, this.layout.length]);
    });
    this.replace(restored[0]!, restored.slice(1));
    const zeros = this.task.zeroStates(this.lanes.length);
    this.carried.restore(
      blocks.map((own) => own ?? {}),
      zeros,
    );
    tf.dispose(zeros);
  }

  /**
   * One update of every lane. The answer, [2, lane], has each lane's loss and its gradient's norm before clipping; the
   * caller disposes it. Nothing is read back here, so nothing waits for the device. `observed`: also keeps what `diagnose` says
   * of the gradient.
   */
  advance(observed = false): Tensor {
    const { task, lanes, layout, measured } = this;
    return tf.tidy(() => {
      const positions = lanes.map((lane) => positionOf(lane, lane.updates + 1));
      const batch = task.trainingBatch(positions);
      const before = this.carried.before(
        positions.map((position) => task.sinceReset(position)),
        task.zeroStates(lanes.length),
      );

      // What is differentiated is the sum over lanes of each lane's mean loss: gradients of one lane see no other.
      let after: States | undefined;
      let running: Outcome['measured'];
      let apart: Tensor | undefined; // the loss without its penalty, [lane]
      const all = split(this.flat, layout);
      const resting = this.split(this.resting, this.restingLayout);
      const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) => {
        const result = task.loss(this.named(measured.merged(all, parameters), resting), batch, before, positions);
        running = measured.kept(result.measured);
        if (task.stateAge > 0) after = result.states.map((layers) => layers.map((state) => tf.keep(state)));
        if (!result.penalty) return result.loss; // [lane]
        apart = tf.keep(tf.clone(result.loss));
        return tf.add(result.loss, result.penalty);
      })(measured.trained(all), this.ones);
      if (after) this.carried.save(after);

      const weights = measured.without(this.flat);
      const gradient = regularised(join(measured.withZeros(all, grads), layout), weights, positions, layout); // [lane, length]
      if (observed) this.observe(gradient);
      const norm = norms(gradient); // [lane, 1]
      const clipped = { values: gradient, norms: norm, limits: this.limits };
      const next = clippedUpdate(this.optimizer, this.flat, clipped, this.slots, this.scalars());
      this.replace(measured.written(next.parameters, running), next.slots);
      for (const lane of lanes) lane.updates++;
      const answer = tf.stack([apart ?? value, tf.reshape(norm, [lanes.length])]);
      apart?.dispose();
      return answer;
    });
  }

  /**
   * What the lanes at `indices` reach on a held-out part, without the prefix. `onBatch` is awaited after each batch. `kept`: other
   * weights than the present ones, a flat vector for each.
   */
  async evaluate(
    indices: readonly number[],
    onBatch: () => Promise<void>,
    part: Part = 'validation',
    kept?: readonly Float32Array[],
  ): Promise<Record<string, number>[]> {
    const flat = (): Tensor =>
      kept ? tf.stack(kept.map((values) => tf.tensor1d(values))) : this.rowsOf(this.flat, indices);
    const own = this.ownOf(indices, flat);
    const reached = await measure(this.task, own.named, indices.length, part, onBatch);
    own.dispose();
    return reached;
  }

  /** A line that each of the lanes at `indices` writes, where the task writes. */
  async sample(indices: readonly number[], length: number): Promise<string[]> {
    if (!this.task.sample) return [];
    const own = this.ownOf(indices);
    const positions = indices.map((index) => positionOf(this.lanes[index]!, this.lanes[index]!.updates));
    const lines = await this.task.sample(own.named, positions, length);
    own.dispose();
    return lines;
  }

  /**
   * What the lanes at `indices` are like inside, with the gradient of the last update; nothing where that was not observed. Of a
   * task that does not say where to look, the norms of the gradient alone.
   */
  async diagnose(indices: readonly number[]): Promise<Diagnostics[]> {
    if (!this.groupNorms) return [];
    const inspection = this.task.inspection?.() ?? nothingToInspect;
    const all = this.ownOf(indices);
    const inside = await inspect(inspection, all.named, indices.length);
    all.dispose();
    const groups = [...parameterGroups(this.layout.names).keys()];
    const norms = await this.groupNorms.data();
    return indices.map((index, place) => {
      const own = norms.subarray(index * groups.length, (index + 1) * groups.length);
      const byGroup = Object.fromEntries(groups.map((group, at) => [group, own[at]!]));
      return diagnosticsOf(inspection, inside[place]!, byGroup, this.lanes[index]!.units);
    });
  }

  /** What the lanes at `indices` look like with the weights `flats`, one of each; undefined where the task shows nothing. */
  async snapshots(indices: readonly number[], flats: readonly Float32Array[]): Promise<Snapshots[] | undefined> {
    const inspection = this.task.inspection?.();
    if (!inspection) return undefined;
    const own = this.ownOf(indices, () => tf.stack(flats.map((values) => tf.tensor1d(values))));
    const units = indices.map((index) => this.lanes[index]!.units);
    const seen = await takeSnapshots(inspection, own.named, units);
    own.dispose();
    return seen;
  }

  /** Keeps the norm of each group's part of the gradient [lane, length]. */
  private observe(gradient: Tensor): void {
    const { layout } = this;
    const lanes = this.lanes.length;
    const squares = layout.shapes.map(([rows, columns], at) =>
      tf.sum(tf.square(tf.slice(gradient, [0, layout.offsets[at]!], [lanes, rows * columns])), 1),
    );
    const groups = [...parameterGroups(layout.names).values()];
    const norms = groups.map((members) => tf.sqrt(tf.addN(members.map((at) => squares[at]!))));
    this.groupNorms?.dispose();
    this.groupNorms = tf.keep(tf.stack(norms, 1));
  }

  /** A copy of a lane's flat vector, of the weights that learn. */
  async flatOf(index: number): Promise<Float32Array> {
    const own = tf.tidy(() => tf.slice(this.flat, [index, 0], [1, this.layout.length]));
    const values = (await own.data()) as Float32Array;
    own.dispose();
    return values;
  }

  /** The weights of a lane under PyTorch's names, in its layout, without padding: the present ones, or those of `flat`. */
  async weights(index: number, flat?: Float32Array): Promise<Weights> {
    const { parameters, frozen } = this.lanes[index]!;
    const learned = unflatten(parameters, flat ?? (await this.flatOf(index)));
    if (frozen.length === 0) return learned;
    const resting = tf.tidy(() => this.rowsOf(this.resting, [index]));
    const values = (await resting.data()) as Float32Array;
    resting.dispose();
    return { ...unflatten(frozen, values), ...learned };
  }

  /** Goes on with the lanes at `indices` alone, whose numbers stay what they are. */
  keep(indices: readonly number[]): void {
    const rows = tf.tensor1d([...indices], 'int32');
    this.groupNorms?.dispose();
    this.groupNorms = undefined;
    const gather = (tensor: Tensor): Tensor => tf.gather(tensor, rows);
    this.carried.keepLanes(gather);
    const [parameters, ...slots] = [this.flat, ...this.slots].map(gather);
    this.replace(parameters!, slots);
    const before = this.resting;
    this.resting = gather(before);
    before.dispose();
    this.lanes.splice(0, this.lanes.length, ...indices.map((index) => this.lanes[index]!));
    this.renewConstants();
    rows.dispose();
  }

  /**
   * Goes on with the lanes of `other` behind its own, and disposes `other`: a group of the same task and layout. The lanes may stand at
   * different updates where the task's batches are even; everybody's numbers stay what they would have been.
   */
  takeIn(other: LaneGroup): void {
    const [own, others] = [this, other].map(({ lanes }) => this.task.zeroStates(lanes.length)) as [States, States];
    this.carried.takeIn(other.carried, { own, others });
    tf.dispose([own, others]);
    const [parameters, ...slots] = [this.flat, ...this.slots].map((tensor, index) =>
      tf.concat([tensor, [other.flat, ...other.slots][index]!], 0),
    );
    this.replace(parameters!, slots);
    const before = this.resting;
    this.resting = tf.concat([before, other.resting], 0);
    before.dispose();
    this.lanes.push(...other.lanes);
    this.renewConstants();
    other.dispose();
  }

  dispose(): void {
    tf.dispose([this.flat, this.resting, ...this.slots, this.limits, this.ones]);
    this.groupNorms?.dispose();
    this.carried.dispose();
  }

  /** What an update reads of all lanes and never changes; anew for other lanes. */
  private renewConstants(): void {
    tf.dispose([this.limits, this.ones].filter((each) => each !== undefined));
    this.limits = tf.tensor2d(this.lanes.map(({ clipNorm }) => [clipNorm ?? noClipping]));
    this.ones = tf.ones([this.lanes.length]);
  }

  private named(parameters: readonly Tensor[], resting: readonly Tensor[]): Named {
    const byName = new Map(this.layout.names.map((name, index) => [name, parameters[index]!]));
    this.restingLayout.names.forEach((name, index) => byName.set(name, resting[index]!));
    return (name) => byName.get(name)!;
  }

  /** All weights of some lanes; `flat` where those that learn are not the present ones. The caller disposes them. */
  private ownOf(
    indices: readonly number[],
    flat = (): Tensor => this.rowsOf(this.flat, indices),
  ): { named: Named; dispose: () => void } {
    const parameters = tf.tidy(() => split(flat(), this.layout));
    const resting = tf.tidy(() => this.split(this.rowsOf(this.resting, indices), this.restingLayout));
    return {
      named: this.named(parameters, resting),
      dispose: () => tf.dispose([...parameters, ...resting]),
    };
  }

  private split(flat: Tensor, layout: Layout): Tensor[] {
    return layout.names.length === 0 ? [] : split(flat, layout);
  }

  private rowsOf(flat: Tensor, indices: readonly number[]): Tensor {
    return tf.gather(flat, tf.tensor1d([...indices], 'int32'));
  }

  /** The optimizer's numbers of each lane for the coming update. */
  private scalars(): Record<string, number>[] {
    return this.lanes.map(({ optimizer, learningRate, schedule, updates, totalUpdates, plateau }) => {
      const rate = learningRate * rateFactor(schedule, updates + 1, totalUpdates, plateau);
      return this.optimizer.scalars(optimizer, rate, updates + 1);
    });
  }

  private replace(parameters: Tensor, slots: Tensor[]): void {
    tf.dispose([this.flat, ...this.slots]);
    this.flat = tf.keep(parameters);
    this.slots = slots.map((slot) => tf.keep(slot));
  }
}
