import type { TrialSpec } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Lane, LaneGroup } from './lane-group';
import { rememberedFrom, type Remembered } from './loop-state';
import { plateauAfter } from '../optim/schedule';
import type { LaneRequest, LaneResult } from './lane-request';

/** What the loop keeps of a lane. Its place in `running` is its place in the group. */
export interface Progress extends Remembered {
  request: LaneRequest;
  /** When it entered, and the milliseconds that reports of the group had taken by then. */
  entered: { at: number; reporting: number };
  diverged?: { update: number; message: string };
  result?: LaneResult;
}

/** A lane that enters, from its checkpoint where it has one. `reporting`: milliseconds that reports of the group took so far. */
export const progressOf = (request: LaneRequest, reporting: number): Progress => ({
  request,
  entered: { at: performance.now(), reporting },
  ...rememberedFrom(request.resume),
});

/** Milliseconds that a lane has trained, in earlier processes too, and those of them that reports took. */
export function timesOf({ entered, earlier }: Progress, reporting: number): Remembered['earlier'] {
  return {
    elapsed: earlier.elapsed + performance.now() - entered.at,
    reporting: earlier.reporting + reporting - entered.reporting,
  };
}

export const placesWhere = (
  lanes: readonly Progress[],
  matches: (lane: Progress, place: number) => boolean,
): number[] => lanes.flatMap((lane, place) => (matches(lane, place) ? [place] : []));

export const isReport = ({ training }: TrialSpec, { updates, totalUpdates }: Lane): boolean =>
  updates % training.reportEvery === 0 || updates === totalUpdates;

/** Whether the coming update of a lane is looked into: whether it ends in a report. */
export const isObserved = ({ request: { spec } }: Progress, lane: Lane): boolean =>
  spec.training.diagnostics && isReport(spec, { ...lane, updates: lane.updates + 1 });

export const prefixed = (prefix: string, metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}.${name}`, value]));

/** Takes note of a report's validation loss: for the best weights, the schedule and the patience. */
export async function judge(
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
export function endOf(lane: Progress, { totalUpdates }: Lane): LaneResult['state'] | undefined {
  const { diverged, reported, stale, request } = lane;
  if (diverged) return 'diverged';
  if (reported === totalUpdates) return 'completed';
  const patience = request.spec.training.earlyStopping?.patience;
  if (patience !== undefined && stale.reports >= patience) return 'completed';
  return request.signal?.aborted ? 'cancelled' : undefined;
}

/** Losses and norms of updates of a group, on their way back from the device. */
export interface Readings {
  updates: number;
  /** The number of the first of them, of each lane. */
  firsts: readonly number[];
  /** [update, 2, lane] */
  values: Promise<ArrayLike<number>>;
}

/** Begins to read what the last updates gave: until it is awaited the device goes on with other work. Disposes `waiting`. */
export function readBack(waiting: Tensor[], { lanes }: LaneGroup): Readings {
  const all = tf.stack(waiting); // [update, 2, lane]
  tf.dispose(waiting);
  const values = all.data().finally(() => all.dispose());
  // Where a device breaks, whoever comes first says so.
  values.catch(() => undefined);
  return { updates: waiting.length, firsts: lanes.map((lane) => lane.updates - waiting.length + 1), values };
}

/** Takes note of what was read, and finds each lane's first update that went wrong. */
export async function collect(readings: Readings, running: readonly Progress[]): Promise<void> {
  const values = await readings.values;
  for (const [place, lane] of running.entries()) {
    const limit = lane.request.spec.training.divergence.norm;
    const first = readings.firsts[place]!;
    for (let index = 0; index < readings.updates && !lane.diverged; index++) {
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
