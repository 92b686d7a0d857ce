import type { Diagnostics, Snapshots } from '@unroll/contracts';
import type { LanePosition, Part } from '../batches/lane-position';
import { inspect, type Seen } from '../diagnostics/inspect';
import { toDiagnostics } from '../diagnostics/report';
import { smallExhibit } from '../diagnostics/exhibit';
import { takeSnapshots } from '../diagnostics/snapshots';
import type { WriteLine } from '../inference/packed-lines';
import { joinPasses, norms, type Layout } from '../nn/layout';
import type { Parameter, States, Weights } from '../nn/parameter';
import { noClipping } from '../optim/clip';
import { clippedUpdate } from '../optim/clipped-update';
import type { Optimizer } from '../optim/optimizer';
import { optimizers } from '../optim/optimizers';
import { clippedValues, regularised } from '../optim/regularisation';
import { rateFactor } from '../optim/schedule';
import { measure } from '../tasks/measure';
import type { Inspection, OpenTask, Outcome } from '../tasks/task';
import { tf, type Tensor } from '../tensor/tfjs';
import { Buffers } from './buffers';
import { CarriedStates } from './carried-states';
import type { Block } from './checkpoint';
import { GradientNorms } from './gradient-norms';
import { positionAt, type Lane } from './lane';
import { LaneParameters } from './lane-parameters';
import { LossScales } from './loss-scales';
import { passesOf, rowsOf, type Pass } from './passes';

/** What an update computes before the optimizer's turn, of all lanes or those of a pass. */
type Differentiated = {
  /** Each lane's loss without its penalty, [lane]. */
  losses: Tensor;
  /** Of every parameter, 0 for buffers. */
  gradients: Tensor[];
  buffers: Outcome['buffers'];
  /** The states after the window, where they are carried on. */
  states: States | undefined;
};

const nothingToInspect: Inspection = {
  ...{ widths: [], steps: 0, lengths: new Int32Array(0) },
  loss: (_, lanes) => tf.zeros([lanes]),
};

/**
 * Several trials trained as one array with a leading lane axis. No operation mixes lanes: a trial trained alone gives the same
 * numbers. Owns its tensors until `dispose`.
 */
export class LaneGroup {
  readonly lanes: Lane[];
  readonly parameters: LaneParameters;
  private readonly layout: Layout;
  private readonly optimizer: Optimizer;
  private readonly carried: CarriedStates;
  private readonly buffers: Buffers;
  private readonly gradientNorms: GradientNorms;
  /** Undefined where losses are not scaled. */
  private readonly lossScales: LossScales | undefined;
  private readonly writeLine: WriteLine | undefined;
  private readonly lanesPerPass: number;
  private inspected: { inspection: Inspection | undefined } | undefined;
  /** What the last inspection saw of the lanes at `indices` in their present weights. */
  private seen: (Seen & { indices: readonly number[] }) | undefined;
  private limits!: Tensor; // [lane, 1]
  private ones!: Tensor; // [lane], what flows back into each loss

  /**
   * `initial` gives each lane's first values under PyTorch's names and in its layout. `scaled`: whether losses are scaled, as products of
   * float16 need it. `lanesPerPass`: how many lanes are differentiated or evaluated at a time, all by default. The activations of a pass
   * are freed before the next one begins. `writeLine`: how a lane writes by itself.
   */
  constructor(
    lanes: readonly Lane[],
    private readonly task: OpenTask<unknown>,
    initial: (lane: Lane, parameter: Parameter) => ArrayLike<number>,
    {
      scaled = false,
      lanesPerPass = Infinity,
      writeLine,
    }: { scaled?: boolean; lanesPerPass?: number; writeLine?: WriteLine } = {},
  ) {
    this.lanesPerPass = lanesPerPass;
    this.lanes = lanes.map((lane) => ({ ...lane }));
    this.optimizer = optimizers[lanes[0]!.optimizer.kind];
    this.carried = new CarriedStates(task.stateAge);
    this.parameters = new LaneParameters(lanes, this.optimizer.slots, initial);
    this.layout = this.parameters.layout;
    this.buffers = new Buffers(lanes[0]!.parameters, this.layout);
    this.gradientNorms = new GradientNorms(this.layout);
    this.writeLine = writeLine;
    this.lossScales = scaled ? new LossScales(lanes.length) : undefined;
    this.renewConstants();
  }

  /** Names the layout of a lane's values: lanes with equal names can continue from each other's checkpoints. */
  get layoutName(): string {
    const { names, shapes } = this.layout;
    return JSON.stringify([this.optimizer.kind, names, shapes]);
  }

  /** Every lane's weights, optimizer slots and carried states, as plain values. */
  async read(): Promise<Record<string, Block>[]> {
    const blocks = await this.carried.read(this.lanes.length);
    await this.parameters.read(blocks);
    await this.lossScales?.read(blocks);
    return blocks;
  }

  /** Restores what `read` gave for lanes of this layout; undefined for a lane that starts from its first values. */
  restore(blocks: readonly (Record<string, Block> | undefined)[]): void {
    this.parameters.restore(blocks);
    this.lossScales?.restore(blocks);
    const zeros = this.task.zeroStates(this.lanes.length);
    this.carried.restore(
      blocks.map((own) => own ?? {}),
      zeros,
    );
    tf.dispose(zeros);
  }

  /**
   * One update of every lane. Returns [3, lane], each lane's loss, the norm of its gradient before clipping, and that of what the update
   * uses, with values clipped but not yet the norm; and where losses are scaled, [4, lane], the scales after the update, which a lane
   * skipped whose last norm is not finite. The caller disposes it. Nothing is read back here, so nothing waits for the device.
   * `observed`: also keeps what `diagnose` reports of the gradient.
   */
  advance(observed = false): Tensor {
    const { buffers, lanes, layout, parameters } = this;
    this.forgetSeen();
    return tf.tidy(() => {
      const positions = lanes.map((lane) => positionAt(lane, lane.updates + 1));
      const { losses, joined, buffers: measured } = this.differentiate(positions);
      const raw = this.lossScales?.unscale(joined) ?? joined;
      const whole = regularised(raw, buffers.without(parameters.flat), positions, layout);
      const gradient = clippedValues(whole, positions);
      if (observed) this.gradientNorms.observe(whole);
      const ofAll = norms(gradient); // [lane, 1]
      const norm = this.lossScales?.judge(raw === gradient ? ofAll : norms(raw), ofAll) ?? ofAll;
      const clipped = { values: gradient, norms: norm, limits: this.limits, skips: this.lossScales !== undefined };
      const next = clippedUpdate(this.optimizer, parameters.flat, clipped, parameters.slots, this.scalars());
      parameters.replace(buffers.written(next.parameters, measured), next.slots);
      for (const lane of lanes) lane.updates++;
      const scales = this.lossScales ? [this.lossScales.scales] : [];
      const reported = gradient === whole ? norm : norms(whole);
      const bothNorms = [reported, norm].map((each) => tf.reshape(each, [lanes.length]));
      const answer = tf.stack([losses, ...bothNorms, ...scales]);
      losses.dispose();
      return answer;
    });
  }

  /** Differentiates all lanes, pass by pass, and saves their states. `joined`: the gradient, [lane, length]. */
  private differentiate(positions: readonly LanePosition[]) {
    const { carried, task } = this;
    const before = carried.before(
      positions.map((position) => task.sinceReset(position)),
      task.zeroStates(positions.length),
    );
    const passes: Differentiated[] = [];
    try {
      for (const pass of passesOf(positions.length, this.lanesPerPass))
        passes.push(tf.tidy(() => this.differentiatePass(positions, before, pass)));
    } catch (error) {
      for (const { losses, buffers, states } of passes)
        tf.dispose([losses, ...Object.values(buffers ?? {}), ...(states ?? []).flat()]);
      throw error;
    }
    const { losses, buffers, states } = besides(passes);
    if (states) carried.save(states);
    const joined = joinPasses(
      passes.map(({ gradients }) => gradients),
      this.layout,
    );
    return { losses, joined, buffers };
  }

  /**
   * The gradient of the sum over the lanes of a pass of each lane's mean loss: the gradient of one lane is independent of the others.
   * The caller disposes what it keeps beyond the function that is differentiated.
   */
  private differentiatePass(positions: readonly LanePosition[], allBefore: States, pass: Pass): Differentiated {
    const { buffers, parameters, task } = this;
    const own = positions.slice(pass.from, pass.to);
    const before = allBefore.map((layers) => layers.map((state) => rowsOf(state, pass)));
    const batch = task.trainingBatch(own);
    let states: States | undefined;
    let measured: Outcome['buffers'];
    let withoutPenalty: Tensor | undefined; // [lane]
    const { trained: all, frozen } = parameters.split(pass);
    const { value, grads } = tf.valueAndGrads((...trained: Tensor[]) => {
      const result = task.loss(parameters.named(buffers.merged(all, trained), frozen), batch, before, own);
      measured = buffers.kept(result.buffers);
      if (task.stateAge > 0) states = result.states.map((layers) => layers.map((state) => tf.keep(state)));
      if (!result.penalty) return result.loss; // [lane]
      withoutPenalty = tf.keep(tf.clone(result.loss));
      return tf.add(result.loss, result.penalty);
    })(buffers.trained(all), rowsOf(this.lossScales?.scales ?? this.ones, pass));
    return {
      losses: withoutPenalty ?? value,
      gradients: [...buffers.withZeros(all, grads)],
      buffers: measured,
      states,
    };
  }

  /**
   * The metrics of the lanes at `indices` on a held-out part, without the prefix. `onBatch` is awaited after each batch. `flats`:
   * other weights than the current ones, a flat vector for each.
   */
  async evaluate(
    indices: readonly number[],
    onBatch: () => Promise<void>,
    part: Part = 'validation',
    flats?: readonly Float32Array[],
  ): Promise<Record<string, number>[]> {
    const reached: Record<string, number>[] = [];
    for (const { from, to } of passesOf(indices.length, this.lanesPerPass)) {
      const own = this.parameters.select(indices.slice(from, to), flats?.slice(from, to));
      reached.push(...(await measure(this.task, own.named, to - from, part, onBatch)));
      own.dispose();
    }
    return reached;
  }

  /** A line written by each of the lanes at `indices`; empty where the task writes nothing. `onLane` is awaited after one that wrote. */
  async sample(indices: readonly number[], length: number, onLane: () => Promise<void>): Promise<string[]> {
    if (!this.task.sample) return [];
    const positions = indices.map((index) => positionAt(this.lanes[index]!, this.lanes[index]!.updates));
    const { writeLine } = this;
    if (!writeLine) {
      const own = this.parameters.select(indices);
      const together = await this.task.sample(own.named, positions, length);
      own.dispose();
      return together;
    }
    const lines: string[] = [];
    const values = await this.parameters.values();
    for (const [at, index] of indices.entries()) {
      lines.push(writeLine(values[index]!, positions[at]!, length));
      await onLane();
    }
    return lines;
  }

  /**
   * The diagnostics of the lanes at `indices`, with the gradient of the last update; empty where that was not observed. For a task
   * without an inspection, the norms of the gradient alone. `last`: these lanes end now, and what is seen is kept for their snapshots.
   */
  async diagnose(indices: readonly number[], last = false): Promise<Diagnostics[]> {
    if (!this.gradientNorms.known) return [];
    const inspection = this.inspection ?? nothingToInspect;
    const own = this.parameters.select(indices);
    this.forgetSeen();
    // Of more layers, those below the top run otherwise where they are inspected.
    if (last && inspection.widths.length === 1 && !this.lossScales) this.seen = { indices };
    const inside = await inspect(inspection, own.named, indices.length, this.seen);
    own.dispose();
    const byGroup = await this.gradientNorms.read(indices);
    return indices.map((index, at) => toDiagnostics(inspection, inside[at]!, byGroup[at]!, this.lanes[index]!.units));
  }

  /** What is inspected, the same at all times; undefined for a task without. */
  private get inspection(): Inspection | undefined {
    this.inspected ??= { inspection: this.task.inspection?.() };
    return this.inspected.inspection;
  }

  /**
   * Snapshots of the lanes at `indices` with the weights `flats`, one for each; undefined for a task without an inspection. `arePresent`:
   * those are the weights of the last update.
   */
  async snapshots(
    indices: readonly number[],
    flats: readonly Float32Array[],
    arePresent = false,
  ): Promise<Snapshots[] | undefined> {
    const units = indices.map((index) => this.lanes[index]!.units.at(-1) ?? 0);
    const { inspection } = this;
    const known = arePresent ? this.takeSeen(indices) : undefined;
    const own = known ? undefined : this.parameters.select(indices, flats);
    const seen = inspection && (await takeSnapshots(inspection, own?.named, units, known));
    own?.dispose();
    const { exhibit } = this.task;
    if (!exhibit) return seen;
    const all: Snapshots[] = [];
    for (const [at, index] of indices.entries()) {
      const lane = this.parameters.select([index], [flats[at]!]);
      all.push({ units: units[at]!, sequences: [], ...seen?.[at], ...smallExhibit(await exhibit(lane.named)) });
      lane.dispose();
    }
    return all;
  }

  /** What was seen of just these lanes, which the caller disposes; undefined if it was not. */
  private takeSeen(indices: readonly number[]): Seen | undefined {
    const { seen } = this;
    if (!seen?.states || seen.indices.join() !== indices.join()) return undefined;
    this.seen = undefined;
    return seen;
  }

  private forgetSeen(): void {
    tf.dispose([this.seen?.states, this.seen?.attention].filter((each) => each !== undefined));
    this.seen = undefined;
  }

  /** A copy of a lane's flat vector, without frozen weights. */
  readFlat(index: number): Promise<Float32Array> {
    return this.parameters.readFlat(index);
  }

  /** A lane's weights under PyTorch's names and in its layout, without padding: the current ones, or those of `flat`. */
  weights(index: number, flat?: Float32Array): Promise<Weights> {
    return this.parameters.weights(index, this.lanes[index]!, flat);
  }

  /** Drops all lanes but those at `indices`, whose numbers stay the same. */
  keep(indices: readonly number[]): void {
    const rows = tf.tensor1d([...indices], 'int32');
    this.forgetSeen();
    this.gradientNorms.forget();
    const gather = (tensor: Tensor): Tensor => tf.gather(tensor, rows);
    this.carried.keepLanes(gather);
    this.parameters.keep(gather);
    this.lossScales?.keep(gather);
    this.lanes.splice(0, this.lanes.length, ...indices.map((index) => this.lanes[index]!));
    this.renewConstants();
    rows.dispose();
  }

  /**
   * Appends the lanes of `other`, a group of the same task and layout, and disposes `other`. The lanes may be at different updates
   * where the task's batches are even; every lane's numbers stay the same.
   */
  append(other: LaneGroup): void {
    const [own, others] = [this, other].map(({ lanes }) => this.task.zeroStates(lanes.length)) as [States, States];
    this.carried.append(other.carried, { own, others });
    tf.dispose([own, others]);
    this.parameters.append(other.parameters);
    if (other.lossScales) this.lossScales?.append(other.lossScales);
    this.lanes.push(...other.lanes);
    this.renewConstants();
    other.dispose();
  }

  dispose(): void {
    this.parameters.dispose();
    this.lossScales?.dispose();
    tf.dispose([this.limits, this.ones]);
    this.forgetSeen();
    this.gradientNorms.forget();
    this.carried.dispose();
  }

  /** What an update reads of all lanes and never changes; renewed when the lanes change. */
  private renewConstants(): void {
    tf.dispose([this.limits, this.ones].filter((each) => each !== undefined));
    this.limits = tf.tensor2d(this.lanes.map(({ clipNorm }) => [clipNorm ?? noClipping]));
    this.ones = tf.ones([this.lanes.length]);
  }

  /** The optimizer's numbers of each lane for the coming update. */
  private scalars(): Record<string, number>[] {
    return this.lanes.map(({ optimizer, learningRate, schedule, updates, totalUpdates, plateau }) => {
      const rate = learningRate * rateFactor(schedule, updates + 1, totalUpdates, plateau);
      return this.optimizer.scalars(optimizer, rate, updates + 1);
    });
  }
}

/** All but the gradients of the lanes of all passes, side by side; what a pass kept is disposed. */
function besides(passes: readonly Differentiated[]): Omit<Differentiated, 'gradients'> {
  const [first] = passes;
  if (passes.length === 1) return first!;
  const joined = (of: (pass: Differentiated) => Tensor): Tensor => {
    const tensors = passes.map(of);
    const all = tf.keep(tf.concat(tensors, 0));
    tf.dispose(tensors);
    return all;
  };
  const { buffers, states } = first!;
  const named = Object.keys(buffers ?? {}).map((name) => [name, joined((pass) => pass.buffers![name]!)] as const);
  return {
    losses: joined(({ losses }) => losses),
    buffers: buffers && Object.fromEntries(named),
    states: states?.map((layers, state) => layers.map((_, layer) => joined((pass) => pass.states![state]![layer]!))),
  };
}
