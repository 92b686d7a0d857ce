import { setImmediate } from 'node:timers/promises';
import type { Precision } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import type { Engine } from '../backends/engine/engine';
import { admit } from './arrivals';
import { saveCheckpoints } from './checkpoints';
import { endLanes, findEnds } from './endings';
import { requireFusable } from './fusable';
import type { LaneRequest, LaneResult } from './lane-request';
import { inPrecision } from './precision';
import { readLosses } from './readings';
import { sendReports } from './reports';
import type { TrainOptions } from './train-options';
import { TrainingRun } from './training-run';
import { isObserved, nextTurn } from './turn';

/**
 * Trains trials as lanes of one array, each until its own last update. A lane that completes, diverges or is cancelled
 * leaves, and the other lanes' numbers stay the same. Validation runs at each lane's reports: every `reportEvery` updates
 * and at the last. A freed lane may be filled by another trial at any time. Yields to the event loop after every update and
 * validation batch.
 *
 * Knows no job, no database and no HTTP. Throws Error for no lanes, for lanes that cannot be fused, for data that the task
 * cannot use, and for a device that broke. Results are in the order of `lanes`, followed by the arrivals.
 * @throws PrecisionUnavailable before anything else where the engine lacks the precision of the trials
 * @throws CheckpointUnreadable before anything else where a lane cannot continue from its checkpoint
 */
export async function train(
  lanes: readonly LaneRequest[],
  data: PreparedData,
  options: TrainOptions,
): Promise<LaneResult[]> {
  if (lanes.length === 0) throw new Error('nothing to train: no lanes');
  requireFusable(lanes.map(({ spec }) => spec));
  return inPrecision(options.engine, lanes[0]!.spec, (precision) => trainLanes(lanes, data, options, precision));
}

async function trainLanes(
  lanes: readonly LaneRequest[],
  data: PreparedData,
  options: TrainOptions,
  precision: Precision,
): Promise<LaneResult[]> {
  const run = new TrainingRun(lanes, data, options, precision);
  try {
    options.onOpen?.({ evenBatches: run.task.evenBatches });
    await whatIsSaidIsSent();
    while (run.running.length > 0) {
      advance(run);
      await run.tick();
      const turn = nextTurn(run);
      if (!(await readLosses(run, turn))) continue;
      await sendReports(run, turn);
      const ends = findEnds(run);
      await saveCheckpoints(run, turn, ends);
      await endLanes(run, ends);
      admit(run, turn.arriving);
      run.drop(ends);
      if (turn.due.length > 0 && run.running.length > 0) await whatIsSaidIsSent();
    }
  } catch (error) {
    throw await findCause(error, options.engine);
  } finally {
    run.dispose();
  }
  return run.all.map(({ result }) => result!);
}

/** The next update may take long, and more memory than there is: what was said until now is to be on its way. */
const whatIsSaidIsSent = (): Promise<void> => setImmediate();

/** One update of every lane, whose losses wait on the device. */
function advance({ running, group, waiting, options }: TrainingRun): void {
  waiting.push(group.advance(running.some((progress, place) => isObserved(progress, group.lanes[place]!))));
  options.engine.submit?.();
}

/** The cause of a failure: if the device broke, every other error follows from that. */
async function findCause(error: unknown, { broken }: Engine): Promise<unknown> {
  const reason = await Promise.race([broken, setImmediate(undefined)]);
  return reason === undefined ? error : new Error(reason, { cause: error });
}
