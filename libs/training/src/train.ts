import type { Diagnostics, Pictures, TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import type { Block, Checkpoint } from './checkpoint';
import type { Engine } from './engines/engine';
import { tf, type Tensor } from './engines/tfjs';
import { adaptationFactor } from './adaptation';
import { frozenApart } from './freezing';
import { requireFusable } from './fusable';
import { LaneGroup, plainLane, type Lane } from './lane-group';
import { initialValues, type Weights } from './parameter';
import { numbersOf, rememberedFrom, resumeLanes, type Remembered } from './remembered';
import { plateauAfter } from './schedule';
import type { Task } from './tasks/task';
import { taskOf } from './tasks/tasks';

/** One trial to train. Aborting `signal` makes its lane leave after the update that is under way; the others go on. */
export interface LaneRequest {
  id: string;
  spec: TrialSpec;
  /** The weights that it begins with, those of `startWeights`; undefined for random ones. */
  start?: Weights | undefined;
  signal?: AbortSignal | undefined;
  /** Where an interrupted lane had got to: it goes on from there as if it had never stopped. */
  resume?: Checkpoint | undefined;
}

export interface LaneReport {
  id: string;
  /** Updates done. */
  update: number;
  /** Updates that the trial has in all. */
  of: number;
  /**
   * train.loss and train.gradientNorm (before clipping): means over the updates since the last report; validation.loss and the
   * task's other metrics: of the whole held-out part. Losses in nats, or in the task's unit.
   */
  metrics: Record<string, number>;
  /** A line that the network wrote; undefined with `sampleLength` 0, or where the task writes none. */
  sample?: string | undefined;
  /** What the network is like inside; undefined with `training.diagnostics: false`, and where the task is not looked into. */
  diagnostics?: Diagnostics | undefined;
}

export interface LaneResult {
  id: string;
  state: 'completed' | 'diverged' | 'cancelled' | 'interrupted';
  /** Updates done; of a diverged lane, the first offending update. */
  updates: number;
  /** Seconds from the start to the lane's end, validation included. */
  seconds: number;
  /** Optimizer updates of one lane a second, without start-up and validation. */
  stepsPerSecond: number;
  /** Why a lane diverged, or ended before its last update. */
  message?: string | undefined;
  /** Of a completed lane: under PyTorch's names, in its layout, without padding. */
  weights?: Weights | undefined;
  /** The update that the weights are of. */
  weightsOf?: number | undefined;
  /** What was reported at that update. */
  metrics?: Record<string, number> | undefined;
  /** Metrics of the part kept for the end, as test.loss, …, with those weights; undefined where none was kept. */
  test?: Record<string, number> | undefined;
  /** States and weights of a few sequences, of a completed lane, with those weights. */
  pictures?: Pictures | undefined;
}

export interface TrainOptions {
  engine: Engine;
  /** Called for each lane at each of its reports, in the order of updates, once an update. Awaited. */
  onReport(report: LaneReport): void | Promise<void>;
  /** Called for each lane when it ends, before the others go on. Awaited. */
  onEnd?(result: LaneResult): void | Promise<void>;
  /** A counter that only grows: one more after each update and each validation batch. */
  onUpdate?(count: number): void;
  /** Characters of the line in a report. Default 80; 0 for none. */
  sampleLength?: number;
  /** Asked after each update: whether checkpoints of all lanes are wanted now. */
  checkpointDue?(): boolean;
  /** Called with a lane's checkpoint, in the order of updates. The caller owns it; writing it need not be waited for. */
  onCheckpoint?(id: string, checkpoint: Checkpoint): void;
  /** Aborting it ends every lane after the update under way, as interrupted, with a checkpoint. */
  drain?: AbortSignal | undefined;
}

/** Updates whose losses may wait on the device at most. */
const longestWait = 100;

/** What the loop keeps of a lane. Its place in `running` is its place in the group. */
interface Progress extends Remembered {
  request: LaneRequest;
  diverged?: { update: number; message: string };
  result?: LaneResult;
}

/** What a completed lane leaves. */
interface LastLook {
  /** Its weights that learn. */
  flat: Float32Array;
  pictures?: Pictures | undefined;
}

/**
 * Trains trials as lanes of one array, each until its own last update. A lane that completes, diverges or is cancelled
 * leaves, and the others' numbers stay what they would have been. Validation runs at each lane's reports: every
 * `reportEvery` updates and at the last. Yields to the event loop after every update and validation batch.
 *
 * Knows no job, no database and no HTTP. Throws Error for no lanes, for lanes that do not fit together, and for data that the
 * task cannot use. Results are in the order of `lanes`.
 * @throws CheckpointUnreadable before anything else where a lane cannot go on from its checkpoint
 */
export async function train(
  lanes: readonly LaneRequest[],
  data: PreparedData,
  options: TrainOptions,
): Promise<LaneResult[]> {
  if (lanes.length === 0) throw new Error('nothing to train: no lanes');
  requireFusable(lanes.map(({ spec }) => spec));
  const task = taskOf(lanes[0]!.spec.task.kind);
  const opened = task.open(lanes[0]!.spec, data);
  const group = new LaneGroup(
    lanes.map(({ spec, start }) => ({ ...laneOf(spec, task, data, opened.updatesPerEpoch), start })),
    opened,
    (lane, parameter) => lane.start?.[parameter.name]?.values ?? initialValues(parameter, lane.seed),
  );
  const all = lanes.map((request): Progress => ({ request, ...rememberedFrom(request.resume) }));
  const sampleLength = options.sampleLength ?? 80;
  const started = performance.now();
  let reportingTime = 0;
  let running = all;
  let waiting: Tensor[] = []; // of each update [2, lane]: losses and norms
  let ticks = 0;

  const tick = (): Promise<void> => {
    options.onUpdate?.(++ticks);
    // Lets messages in and out: a trainer must hear a cancel, and be heard to live.
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** Hands out checkpoints of the lanes at `places`. */
  const checkpoint = async (places: readonly number[]): Promise<void> => {
    const elapsed = performance.now() - started;
    const blocks = await group.read();
    for (const place of places) {
      const lane = running[place]!;
      const at = group.lanes[place]!;
      const { flat } = lane.best;
      const own: Record<string, Block> = { ...blocks[place]! };
      if (flat) own.best = { shape: [flat.length], values: flat };
      const times = { elapsed: lane.earlier.elapsed + elapsed, reporting: lane.earlier.reporting + reportingTime };
      const numbers = numbersOf(lane, at, times);
      options.onCheckpoint?.(lane.request.id, {
        update: at.updates,
        numbers,
        metrics: { last: lane.metrics, best: lane.best.metrics },
        layout: group.layoutName,
        blocks: own,
      });
    }
  };

  /** Validates and reports the lanes at `places`. */
  const report = async (places: number[]): Promise<void> => {
    const begun = performance.now();
    const held = await group.evaluate(places, tick);
    const lines = sampleLength > 0 ? await group.sample(places, sampleLength) : [];
    const looked = places.filter((place) => running[place]!.request.spec.training.diagnostics);
    const inside = looked.length > 0 ? await group.diagnose(looked) : [];
    for (const [index, place] of places.entries()) {
      const lane = running[place]!;
      const at = group.lanes[place]!;
      const metrics = {
        'train.loss': lane.losses / lane.since,
        'train.gradientNorm': lane.norms / lane.since,
        ...prefixed('validation', held[index]!),
      };
      await judge(lane, at, held[index]!.loss!, metrics, () => group.flatOf(place));
      Object.assign(lane, { losses: 0, norms: 0, since: 0, reported: at.updates, metrics });
      const { updates: update, totalUpdates: of } = at;
      const diagnostics = inside[looked.indexOf(place)];
      await options.onReport({ id: lane.request.id, update, of, metrics, sample: lines[index], diagnostics });
    }
    reportingTime += performance.now() - begun;
  };

  /** The weights that lanes leave, and what they look like: of all that complete at once, in one pass. */
  const lastLook = async (places: readonly number[]): Promise<Map<number, LastLook>> => {
    const looks = new Map<number, LastLook>();
    for (const place of places) looks.set(place, { flat: running[place]!.best.flat ?? (await group.flatOf(place)) });
    const shown = places.filter((place) => running[place]!.request.spec.training.diagnostics);
    const flats = shown.map((place) => looks.get(place)!.flat);
    const pictures = shown.length > 0 ? await group.pictures(shown, flats) : undefined;
    for (const [index, place] of shown.entries()) looks.get(place)!.pictures = pictures?.[index];
    return looks;
  };

  /** What a lane leaves behind: a message, and where it completed its weights and what they reach at the end. */
  const remains = async (place: number, look: LastLook | undefined): Promise<Partial<LaneResult>> => {
    const { diverged, best, request, reported } = running[place]!;
    if (!look) return { message: diverged?.message, weights: undefined };
    const { totalUpdates } = group.lanes[place]!;
    const { flat, pictures } = look;
    const message = reported < totalUpdates ? 'ended early: the validation loss got no better' : undefined;
    const hasTest = request.spec.dataset.split.test > 0;
    const [test] = hasTest ? await group.evaluate([place], tick, 'test', [flat]) : [];
    const kept = best.flat ? best : { update: reported, metrics: running[place]!.metrics };
    const weights = await group.weights(place, flat);
    return {
      ...{ message, weights, weightsOf: kept.update, metrics: kept.metrics, pictures },
      test: test && prefixed('test', test),
    };
  };

  const finish = async (place: number, state: LaneResult['state'], look: LastLook | undefined): Promise<void> => {
    const lane = running[place]!;
    const elapsed = performance.now() - started + lane.earlier.elapsed;
    const updates = lane.diverged?.update ?? group.lanes[place]!.updates;
    const stepsPerSecond = (1000 * group.lanes[place]!.updates) / (elapsed - reportingTime - lane.earlier.reporting);
    lane.result = {
      id: lane.request.id,
      state,
      updates,
      seconds: elapsed / 1000,
      stepsPerSecond,
      ...(await remains(place, look)),
    };
    await options.onEnd?.(lane.result);
  };

  try {
    resumeLanes(
      group,
      lanes.map(({ resume }) => resume),
    );
    while (running.length > 0) {
      waiting.push(group.advance(running.some((lane, place) => isObserved(lane, group.lanes[place]!))));
      await tick();

      const due = placesWhere(running, ({ request }, place) => isReport(request.spec, group.lanes[place]!));
      const cancelled = running.some(({ request }) => request.signal?.aborted);
      const drained = options.drain?.aborted === true;
      const saving = drained || options.checkpointDue?.() === true;
      // Reading back makes a GPU wait: there, only where something has to be known.
      if (!options.engine.synchronous && due.length === 0 && !cancelled && !saving && waiting.length < longestWait)
        continue;
      await collect(waiting, running, group);
      waiting = [];

      const reporting = due.filter((place) => !running[place]!.diverged && !running[place]!.request.signal?.aborted);
      if (reporting.length > 0) await report(reporting);

      const ends = running.map((lane, place) => endOf(lane, group.lanes[place]!));
      if (saving) await checkpoint(placesWhere(running, (_, place) => ends[place] === undefined));
      if (drained) for (const [place, end] of ends.entries()) ends[place] = end ?? 'interrupted';
      if (ends.every((end) => end === undefined)) continue;
      const looks = await lastLook(placesWhere(running, (_, place) => ends[place] === 'completed'));
      for (const [place, end] of ends.entries()) if (end) await finish(place, end, looks.get(place));
      const staying = placesWhere(running, (_, place) => ends[place] === undefined);
      if (staying.length > 0) group.keep(staying);
      running = staying.map((place) => running[place]!);
    }
  } finally {
    tf.dispose(waiting);
    group.dispose();
  }
  return all.map(({ result }) => result!);
}

const placesWhere = (lanes: readonly Progress[], matches: (lane: Progress, place: number) => boolean): number[] =>
  lanes.flatMap((lane, place) => (matches(lane, place) ? [place] : []));

const isReport = ({ training }: TrialSpec, { updates, totalUpdates }: Lane): boolean =>
  updates % training.reportEvery === 0 || updates === totalUpdates;

/** Whether the coming update of a lane is looked into: whether it ends in a report. */
const isObserved = ({ request: { spec } }: Progress, lane: Lane): boolean =>
  spec.training.diagnostics && isReport(spec, { ...lane, updates: lane.updates + 1 });

const prefixed = (prefix: string, metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}.${name}`, value]));

/** A trial as a lane at its start. */
function laneOf(spec: TrialSpec, task: Task, data: PreparedData, updatesPerEpoch: number): Lane {
  const { model, training } = spec;
  const { learned, frozen } = frozenApart(task.parameters(spec, data), training.freeze);
  return {
    ...plainLane,
    ...training,
    dropout: model.dropout,
    recurrentDropout: model.recurrentDropout,
    parameters: learned,
    frozen,
    start: undefined,
    units: model.hiddenSize,
    adaptation: adaptationFactor(spec),
    updates: 0,
    totalUpdates: training.epochs === undefined ? training.updates! : training.epochs * updatesPerEpoch,
  };
}

/** Takes note of a report's validation loss: for the best weights, the schedule and the patience. */
async function judge(
  lane: Progress,
  at: Lane,
  loss: number,
  metrics: Record<string, number>,
  flat: () => Promise<Float32Array>,
): Promise<void> {
  const { keep, earlyStopping, schedule } = lane.request.spec.training;
  at.plateau = plateauAfter(schedule, at.plateau, loss);
  if (loss < lane.best.loss) {
    // The last update's weights are at hand when the lane ends.
    const isKept = keep === 'best' && at.updates < at.totalUpdates;
    lane.best = { loss, update: at.updates, flat: isKept ? await flat() : undefined, metrics };
  }
  if (!earlyStopping) return;
  lane.stale =
    loss < lane.stale.loss - earlyStopping.minimumChange
      ? { reports: 0, loss }
      : { ...lane.stale, reports: lane.stale.reports + 1 };
}

/** Whether and how a lane has ended. */
function endOf(lane: Progress, { totalUpdates }: Lane): LaneResult['state'] | undefined {
  const { diverged, reported, stale, request } = lane;
  if (diverged) return 'diverged';
  if (reported === totalUpdates) return 'completed';
  const patience = request.spec.training.earlyStopping?.patience;
  if (patience !== undefined && stale.reports >= patience) return 'completed';
  return request.signal?.aborted ? 'cancelled' : undefined;
}

/** Reads what the last updates gave, and finds each lane's first update that went wrong. Disposes `waiting`. */
async function collect(waiting: Tensor[], running: readonly Progress[], group: LaneGroup): Promise<void> {
  const all = tf.stack(waiting); // [update, 2, lane]
  tf.dispose(waiting);
  const values = await all.data();
  all.dispose();
  for (const [place, lane] of running.entries()) {
    const limit = lane.request.spec.training.divergence.norm;
    const first = group.lanes[place]!.updates - waiting.length + 1;
    for (let index = 0; index < waiting.length && !lane.diverged; index++) {
      const loss = values[2 * index * running.length + place]!;
      const norm = values[(2 * index + 1) * running.length + place]!;
      const problem = problemOf(loss, norm, limit);
      if (problem) lane.diverged = { update: first + index, message: `update ${first + index}: ${problem}` };
      lane.losses += loss;
      lane.norms += norm;
      lane.since++;
    }
  }
}

function problemOf(loss: number, norm: number, limit: number): string | undefined {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (!Number.isFinite(norm)) return `the norm of the gradient is ${norm}`;
  return norm > limit ? `the norm of the gradient, ${norm.toPrecision(3)}, is above ${limit}` : undefined;
}
