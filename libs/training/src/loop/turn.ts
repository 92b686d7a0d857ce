import type { LaneRequest } from './lane-request';
import { placesWhere, type Progress } from './progress';
import type { TrialSpec } from '@unroll/contracts';
import type { Lane } from './lane';
import type { TrainingRun } from './training-run';

/** What has to happen after an update. */
export interface Turn {
  /** Places of the lanes whose report is due. */
  due: readonly number[];
  /** Whether every lane ends now. */
  drained: boolean;
  /** Whether checkpoints of all lanes are wanted now. */
  saving: boolean;
  arriving: readonly LaneRequest[];
  /**
   * Whether losses have to be known now. A GPU that is read from has nothing to do until more is recorded, so otherwise the losses
   * that have arrived in the meantime will do.
   */
  urgent: boolean;
}

const isReport = ({ training }: TrialSpec, { updates, totalUpdates }: Lane): boolean =>
  updates % training.reportEvery === 0 || updates === totalUpdates;

/** Whether the coming update of a lane is observed for diagnostics, because it ends in a report. */
export const isObserved = ({ request: { spec } }: Progress, lane: Lane): boolean =>
  spec.training.diagnostics && isReport(spec, { ...lane, updates: lane.updates + 1 });

/** Finds out what has to happen after the update that was just done. */
export function nextTurn({ running, group, options }: TrainingRun): Turn {
  const due = placesWhere(running, ({ request }, place) => isReport(request.spec, group.lanes[place]!));
  const cancelled = running.some(({ request }) => request.signal?.aborted);
  const drained = options.drain?.aborted === true;
  const saving = drained || options.checkpointDue?.() === true;
  const arriving = drained ? [] : (options.arrivals?.() ?? []);
  const urgent = options.engine.synchronous || due.length > 0 || cancelled || saving || arriving.length > 0;
  return { due, drained, saving, arriving, urgent };
}
