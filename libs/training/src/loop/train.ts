import type { Snapshots, TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import { CheckpointUnreadable, type Block, type Checkpoint } from './checkpoint';
import type { Engine } from '../backends/engine/engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { adaptationFactor } from '../losses/adaptation';
import { frozenApart } from '../nn/freezing';
import { requireFusable } from './fusable';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';
import { LaneGroup, plainLane, type Lane } from './lane-group';
import { initialValues } from '../nn/parameter';
import {
  collect,
  endOf,
  isObserved,
  isReport,
  judge,
  placesWhere,
  prefixed,
  progressOf,
  readBack,
  timesOf,
  type Progress,
  type Readings,
} from './progress';
import { numbersOf, resumeLanes } from './loop-state';
import type { OpenTask, Task } from '../tasks/task';
import { taskOf } from '../tasks/tasks';

export interface TrainOptions {
  engine: Engine;
  /** Called before the first update. `evenBatches`: whether lanes may join at any time, and have the numbers that they have alone. */
  onOpen?(opened: { evenBatches: boolean }): void;
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
  /** Asked after each update: trials that join now, where `evenBatches`; they fit together with `lanes`. */
  arrivals?(): readonly LaneRequest[];
  /** Called for an arrival that cannot go on from its checkpoint, and takes no part. */
  onRefused?(id: string, reason: CheckpointUnreadable): void;
  /** Aborting it ends every lane after the update under way, as interrupted, with a checkpoint. */
  drain?: AbortSignal | undefined;
}

/** Updates whose losses are read back together, where nothing has to be known sooner: as many others are under way by then. */
const updatesOfReading = 50;

/** What a completed lane leaves. */
interface LastLook {
  /** Its weights that learn. */
  flat: Float32Array;
  snapshots?: Snapshots | undefined;
}

/**
 * Trains trials as lanes of one array, each until its own last update. A lane that completes, diverges or is cancelled
 * leaves, and the others' numbers stay what they would have been. Validation runs at each lane's reports: every
 * `reportEvery` updates and at the last. A freed lane may be filled by another trial at any time. Yields to the event loop after
 * every update and validation batch.
 *
 * Knows no job, no database and no HTTP. Throws Error for no lanes, for lanes that do not fit together, for data that the
 * task cannot use, and for a device that broke. Results are in the order of `lanes`, and of arrivals behind them.
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
  const enter = (requests: readonly LaneRequest[]): LaneGroup => groupOf(requests, task, opened, data);
  const group = enter(lanes);
  const all = lanes.map((request) => progressOf(request, 0));
  const sampleLength = options.sampleLength ?? 80;
  let reportingTime = 0;
  let running = [...all];
  let waiting: Tensor[] = []; // of each update [2, lane]: losses and norms
  let readings: Readings | undefined; // of updates before those
  let ticks = 0;

  const tick = (): Promise<void> => {
    options.onUpdate?.(++ticks);
    // Lets messages in and out: a trainer must hear a cancel, and be heard to live.
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** Hands out checkpoints of the lanes at `places`. */
  const checkpoint = async (places: readonly number[]): Promise<void> => {
    const blocks = await group.read();
    for (const place of places) {
      const lane = running[place]!;
      const at = group.lanes[place]!;
      const { flat } = lane.best;
      const own: Record<string, Block> = { ...blocks[place]! };
      if (flat) own.best = { shape: [flat.length], values: flat };
      const numbers = numbersOf(lane, at, timesOf(lane, reportingTime));
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
      const said = { update, of, updatesPerEpoch: opened.updatesPerEpoch, metrics, sample: lines[index], diagnostics };
      await options.onReport({ id: lane.request.id, ...said });
    }
    reportingTime += performance.now() - begun;
  };

  /** The weights that lanes leave, and what they look like: of all that complete at once, in one pass. */
  const lastLook = async (places: readonly number[]): Promise<Map<number, LastLook>> => {
    const looks = new Map<number, LastLook>();
    for (const place of places) looks.set(place, { flat: running[place]!.best.flat ?? (await group.flatOf(place)) });
    const shown = places.filter((place) => running[place]!.request.spec.training.diagnostics);
    const flats = shown.map((place) => looks.get(place)!.flat);
    const snapshots = shown.length > 0 ? await group.snapshots(shown, flats) : undefined;
    for (const [index, place] of shown.entries()) looks.get(place)!.snapshots = snapshots?.[index];
    return looks;
  };

  /** What a lane leaves behind: a message, and where it completed its weights and what they reach at the end. */
  const remains = async (place: number, look: LastLook | undefined): Promise<Partial<LaneResult>> => {
    const { diverged, best, request, reported } = running[place]!;
    if (!look) return { message: diverged?.message, weights: undefined };
    const { totalUpdates } = group.lanes[place]!;
    const { flat, snapshots } = look;
    const message = reported < totalUpdates ? 'ended early: the validation loss got no better' : undefined;
    const hasTest = request.spec.dataset.split.test > 0;
    const [test] = hasTest ? await group.evaluate([place], tick, 'test', [flat]) : [];
    const kept = best.flat ? best : { update: reported, metrics: running[place]!.metrics };
    const weights = await group.weights(place, flat);
    return {
      ...{ message, weights, weightsOf: kept.update, metrics: kept.metrics, snapshots },
      test: test && prefixed('test', test),
    };
  };

  const finish = async (place: number, state: LaneResult['state'], look: LastLook | undefined): Promise<void> => {
    const lane = running[place]!;
    const { elapsed, reporting } = timesOf(lane, reportingTime);
    const updates = lane.diverged?.update ?? group.lanes[place]!.updates;
    const stepsPerSecond = (1000 * group.lanes[place]!.updates) / (elapsed - reporting);
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

  /** Takes arrivals into the group, behind the lanes that are there. */
  const admit = (requests: readonly LaneRequest[]): void => {
    try {
      group.takeIn(enter(requests));
      const entered = requests.map((request) => progressOf(request, reportingTime));
      all.push(...entered);
      running.push(...entered);
    } catch (error) {
      if (!(error instanceof CheckpointUnreadable)) throw error;
      if (requests.length === 1) options.onRefused?.(requests[0]!.id, error);
      else for (const each of requests) admit([each]);
    }
  };

  try {
    options.onOpen?.({ evenBatches: opened.evenBatches });
    while (running.length > 0) {
      waiting.push(group.advance(running.some((lane, place) => isObserved(lane, group.lanes[place]!))));
      options.engine.submit?.();
      await tick();

      const due = placesWhere(running, ({ request }, place) => isReport(request.spec, group.lanes[place]!));
      const cancelled = running.some(({ request }) => request.signal?.aborted);
      const drained = options.drain?.aborted === true;
      const saving = drained || options.checkpointDue?.() === true;
      const arriving = drained ? [] : (options.arrivals?.() ?? []);
      // A GPU that is read from has nothing to do until more is recorded: what has come in the meantime will do, until something has to be known.
      const pressing = options.engine.synchronous || due.length > 0 || cancelled || saving || arriving.length > 0;
      if (!pressing && waiting.length < updatesOfReading) continue;
      const before = readings;
      readings = readBack(waiting, group);
      waiting = [];
      if (before) await collect(before, running);
      if (!pressing && running.every(({ diverged }) => !diverged)) continue;
      await collect(readings, running);
      readings = undefined;

      const reporting = due.filter((place) => !running[place]!.diverged && !running[place]!.request.signal?.aborted);
      if (reporting.length > 0) await report(reporting);

      const ends = running.map((lane, place) => endOf(lane, group.lanes[place]!));
      const leaving = (lane: Progress): boolean => drained || lane.reported === lane.request.until;
      const saved = placesWhere(running, (lane, place) => ends[place] === undefined && (saving || leaving(lane)));
      if (saved.length > 0) await checkpoint(saved);
      for (const place of saved) if (leaving(running[place]!)) ends[place] = 'interrupted';
      const looks = await lastLook(placesWhere(running, (_, place) => ends[place] === 'completed'));
      for (const [place, end] of ends.entries()) if (end) await finish(place, end, looks.get(place));
      if (arriving.length > 0) admit(arriving);
      const staying = placesWhere(running, (_, place) => ends[place] === undefined);
      if (staying.length === running.length) continue;
      if (staying.length > 0) group.keep(staying);
      running = staying.map((place) => running[place]!);
    }
  } catch (error) {
    throw await truthOf(error, options.engine);
  } finally {
    tf.dispose(waiting);
    group.dispose();
    opened.dispose?.();
    options.engine.trim?.();
  }
  return all.map(({ result }) => result!);
}

/** What a failure comes from: where a device broke, what follows from that is of no interest. */
async function truthOf(error: unknown, { broken }: Engine): Promise<unknown> {
  const soon = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const reason = await Promise.race([broken, soon]);
  return reason === undefined ? error : new Error(reason, { cause: error });
}

/** Trials as lanes, at their start or where their checkpoints left them. @throws CheckpointUnreadable */
function groupOf(
  requests: readonly LaneRequest[],
  task: Task,
  opened: OpenTask<unknown>,
  data: PreparedData,
): LaneGroup {
  const group = new LaneGroup(
    requests.map(({ spec, start }) => ({ ...laneOf(spec, task, data, opened.updatesPerEpoch), start })),
    opened,
    (lane, parameter) => lane.start?.[parameter.name]?.values ?? initialValues(parameter, lane.seed),
  );
  try {
    resumeLanes(
      group,
      requests.map(({ resume }) => resume),
    );
  } catch (error) {
    group.dispose();
    throw error;
  }
  return group;
}

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
