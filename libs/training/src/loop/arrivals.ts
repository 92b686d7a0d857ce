import { CheckpointUnreadable } from './checkpoint';
import type { LaneRequest } from './lane-request';
import type { TrainingRun } from './training-run';

/** Appends arrivals to the lanes that run, and refuses those that cannot continue from their checkpoints. */
export function admit(run: TrainingRun, arriving: readonly LaneRequest[]): void {
  if (arriving.length === 0) return;
  try {
    run.append(arriving);
  } catch (error) {
    if (!(error instanceof CheckpointUnreadable)) throw error;
    if (arriving.length === 1) run.options.onRefused?.(arriving[0]!.id, error);
    else for (const each of arriving) admit(run, [each]);
  }
}
