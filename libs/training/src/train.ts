import type { TrialSpec } from '@unroll/contracts';
import type { TokenData } from '@unroll/datasets';
import type { Engine } from './engines/engine';
import { tf, type Tensor } from './engines/tfjs';
import { requireFusable } from './fusable';
import { LaneGroup } from './lane-group';
import { initialValues, type Weights } from './parameters';
import { tasks } from './tasks/tasks';

export type LanguageModelData = TokenData;

/** One trial to train. Aborting `signal` makes its lane leave after the update that is under way; the others go on. */
export interface LaneRequest {
  id: string;
  spec: TrialSpec;
  signal?: AbortSignal | undefined;
}

export interface LaneReport {
  id: string;
  /** Updates done. */
  update: number;
  /**
   * train.loss and train.gradientNorm (before clipping): means over the updates since the last report; validation.loss,
   * validation.perplexity, validation.bitsPerToken: of the whole held-out part. Losses in nats.
   */
  metrics: Record<string, number>;
  /** A line that the network wrote; undefined with `sampleLength` 0. */
  sample?: string | undefined;
}

export interface LaneResult {
  id: string;
  state: 'completed' | 'diverged' | 'cancelled';
  /** Updates done; of a diverged lane, the first offending update. */
  updates: number;
  /** Seconds from the start to the lane's end, validation included. */
  seconds: number;
  /** Optimizer updates of one lane a second, without start-up and validation. */
  stepsPerSecond: number;
  /** Why a lane diverged. */
  message?: string | undefined;
  /** Of a completed lane: under PyTorch's names, in its layout, without padding. */
  weights?: Weights | undefined;
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
}

/** Updates whose losses may wait on the device at most. */
const longestWait = 100;

/** What the loop keeps of a lane. Its place in `running` is its place in the group. */
interface Progress {
  request: LaneRequest;
  /** Sums since the last report, over `since` updates. */
  losses: number;
  norms: number;
  since: number;
  /** The last update that was reported. */
  reported: number;
  diverged?: { update: number; message: string };
  result?: LaneResult;
}

/**
 * Trains trials as lanes of one array, each until its own last update. A lane that completes, diverges or is cancelled
 * leaves, and the others' numbers stay what they would have been. Validation runs at each lane's reports: every
 * `reportEvery` updates and at the last. Yields to the event loop after every update and validation batch.
 *
 * Knows no job, no database and no HTTP. Throws Error for no lanes, for lanes that do not fit together, and for data that the
 * task cannot use. Results are in the order of `lanes`.
 */
export async function train(
  lanes: readonly LaneRequest[],
  data: LanguageModelData,
  options: TrainOptions,
): Promise<LaneResult[]> {
  if (lanes.length === 0) throw new Error('nothing to train: no lanes');
  requireFusable(lanes.map(({ spec }) => spec));
  const task = tasks[lanes[0]!.spec.task.kind];
  const opened = task.open(lanes[0]!.spec, data);
  const group = new LaneGroup(
    lanes.map(({ spec }) => ({ ...spec.training, parameters: task.parameters(spec, data), updates: 0 })),
    opened,
    (lane, parameter) => initialValues(parameter, lane.seed),
  );
  const all = lanes.map((request): Progress => ({ request, losses: 0, norms: 0, since: 0, reported: 0 }));
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

  /** Validates and reports the lanes at `places`. */
  const report = async (places: number[]): Promise<void> => {
    const begun = performance.now();
    const losses = await group.evaluate(places, tick);
    const lines = sampleLength > 0 ? await group.sample(places, sampleLength) : [];
    for (const [index, place] of places.entries()) {
      const lane = running[place]!;
      const { updates } = group.lanes[place]!;
      const held = Object.entries(opened.metrics(losses[index]!)).map(([name, value]) => [`validation.${name}`, value]);
      const metrics = {
        'train.loss': lane.losses / lane.since,
        'train.gradientNorm': lane.norms / lane.since,
        ...(Object.fromEntries(held) as Record<string, number>),
      };
      Object.assign(lane, { losses: 0, norms: 0, since: 0, reported: updates });
      await options.onReport({ id: lane.request.id, update: updates, metrics, sample: lines[index] });
    }
    reportingTime += performance.now() - begun;
  };

  const finish = async (place: number, state: LaneResult['state']): Promise<void> => {
    const lane = running[place]!;
    const elapsed = performance.now() - started;
    const updates = lane.diverged?.update ?? group.lanes[place]!.updates;
    lane.result = {
      id: lane.request.id,
      state,
      updates,
      seconds: elapsed / 1000,
      stepsPerSecond: (1000 * group.lanes[place]!.updates) / (elapsed - reportingTime),
      message: lane.diverged?.message,
      weights: state === 'completed' ? await group.weights(place) : undefined,
    };
    await options.onEnd?.(lane.result);
  };

  try {
    while (running.length > 0) {
      waiting.push(group.advance());
      await tick();

      const due = placesWhere(running, ({ request }, place) => isReport(request.spec, group.lanes[place]!.updates));
      const cancelled = running.some(({ request }) => request.signal?.aborted);
      // Reading back makes a GPU wait: there, only where something has to be known.
      if (!options.engine.synchronous && due.length === 0 && !cancelled && waiting.length < longestWait) continue;
      await collect(waiting, running, group);
      waiting = [];

      const reporting = due.filter((place) => !running[place]!.diverged && !running[place]!.request.signal?.aborted);
      if (reporting.length > 0) await report(reporting);

      const ends = running.map((lane) => endOf(lane));
      if (ends.every((end) => end === undefined)) continue;
      for (const [place, end] of ends.entries()) if (end) await finish(place, end);
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

const isReport = ({ training }: TrialSpec, update: number): boolean =>
  update % training.reportEvery === 0 || update === training.updates;

/** Whether and how a lane has ended. */
function endOf({ diverged, reported, request: { signal, spec } }: Progress): LaneResult['state'] | undefined {
  if (diverged) return 'diverged';
  if (reported === spec.training.updates) return 'completed';
  return signal?.aborted ? 'cancelled' : undefined;
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
