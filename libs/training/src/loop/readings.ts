import { lossScaling } from '@unroll/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import type { LaneGroup } from './lane-group';
import type { Progress } from './progress';
import type { Readings, TrainingRun } from './training-run';
import type { Turn } from './turn';

const sunk = (scale: number): string =>
  `the loss scale has sunk to ${scale.toPrecision(2)}, since in float16 the gradient is not finite at any larger one: ` +
  'lower the learning rate or clipNorm, or set training.precision to float32';

/** Updates whose losses are read back together where none is urgent: the next ones are recorded in the meantime. */
const updatesPerReading = 50;

/** Reads losses back where they are urgent or enough are waiting. Returns whether every loss up to this update is known. */
export async function readLosses(run: TrainingRun, { urgent }: Turn): Promise<boolean> {
  if (!urgent && run.waiting.length < updatesPerReading) return false;
  const before = run.readings;
  run.readings = startReading(run.waiting, run.group);
  run.waiting = [];
  if (before) await collect(before, run.running);
  if (!urgent && run.running.every(({ diverged }) => !diverged)) return false;
  await collect(run.readings, run.running);
  run.readings = undefined;
  return true;
}

/**
 * Starts to read the losses of the last updates: until they are awaited the device continues with other work. Disposes
 * `waiting`.
 */
function startReading(waiting: Tensor[], { lanes }: LaneGroup): Readings {
  const all = tf.stack(waiting); // [update, 3 or 4, lane]
  tf.dispose(waiting);
  const values = all.data().finally(() => all.dispose());
  // If the device breaks, whichever caller meets it first reports it.
  values.catch(() => undefined);
  return { updates: waiting.length, firsts: lanes.map((lane) => lane.updates - waiting.length + 1), values };
}

/** Adds up what was read, and finds each lane's first offending update. */
async function collect(readings: Readings, running: readonly Progress[]): Promise<void> {
  const values = await readings.values;
  const rows = values.length / readings.updates / running.length;
  for (const [place, lane] of running.entries()) {
    const limit = lane.request.spec.training.divergence.norm;
    const first = readings.firsts[place]!;
    for (let index = 0; index < readings.updates && !lane.diverged; index++) {
      const [loss, norm, used, scale] = Array.from(
        { length: rows },
        (_, row) => values[(rows * index + row) * running.length + place]!,
      );
      const update = first + index;
      const problem = findProblem({ loss: loss!, norm: used!, scale }, limit);
      if (problem) lane.diverged = { update, message: `update ${update}: ${problem}` };
      const isSkipped = scale !== undefined && !Number.isFinite(used);
      lane.losses += loss!;
      lane.norms += isSkipped ? 0 : norm!;
      lane.since++;
      lane.skipped.since += Number(isSkipped);
      lane.skipped.all += Number(isSkipped);
    }
  }
}

/** `norm`: of the gradient that the update uses. `scale`: that of the loss after an update; undefined where there is none. */
function findProblem(
  { loss, norm, scale }: { loss: number; norm: number; scale: number | undefined },
  limit: number,
): string | undefined {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`;
  if (scale !== undefined && !Number.isFinite(norm)) return scale < lossScaling.least ? sunk(scale) : undefined;
  if (!Number.isFinite(norm)) return `the norm of the gradient is ${norm}`;
  return norm > limit ? `the norm of the gradient, ${norm.toPrecision(3)}, is above ${limit}` : undefined;
}
