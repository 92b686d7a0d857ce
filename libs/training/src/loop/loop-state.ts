import { CheckpointUnreadable, type Checkpoint, type LoopNumbers } from './checkpoint';
import type { Lane } from './lane';
import type { LaneGroup } from './lane-group';

/** What the loop knows of a lane beside its values, from update to update. */
export interface LoopState {
  /** Sums since the last report, over `since` updates. */
  losses: number;
  norms: number;
  since: number;
  /** Updates that were skipped, since their gradients were not finite in float16: since the last report, and in all. */
  skipped: { since: number; all: number };
  /** The last update that was reported. */
  reported: number;
  /** The report with the lowest validation loss, and its flat weights where they are to be kept. */
  best: { loss: number; update: number; flat?: Float32Array | undefined; metrics: Record<string, number> };
  /** Of the last report. */
  metrics: Record<string, number>;
  /** Reports since the last one that improved by enough, and the loss of that one. */
  stale: { reports: number; loss: number };
  /** Milliseconds of earlier processes, and those of them that reports took. */
  earlier: { elapsed: number; reporting: number };
}

/** The state of a lane at its start, or where its checkpoint left it. */
export function loopState(checkpoint: Checkpoint | undefined): LoopState {
  if (!checkpoint) {
    const none = {
      best: { loss: Infinity, update: 0, metrics: {} },
      metrics: {},
      stale: { reports: 0, loss: Infinity },
    };
    const skipped = { since: 0, all: 0 };
    return { losses: 0, norms: 0, since: 0, skipped, reported: 0, ...none, earlier: { elapsed: 0, reporting: 0 } };
  }
  const { losses, norms, since, reported, ...numbers } = checkpoint.numbers;
  const { last, best } = checkpoint.metrics;
  return {
    ...{ losses, norms, since, reported },
    skipped: { since: numbers.skippedSince ?? 0, all: numbers.skipped ?? 0 },
    best: { loss: numbers.bestLoss, update: numbers.bestUpdate, flat: checkpoint.blocks.best?.values, metrics: best },
    metrics: last,
    stale: { reports: numbers.staleReports, loss: numbers.staleLoss },
    earlier: { elapsed: numbers.elapsed, reporting: numbers.reporting },
  };
}

/** The state as numbers, for a checkpoint. `times`: the lane's in total. */
export const loopNumbers = (
  { losses, norms, since, skipped, reported, best, stale }: LoopState,
  { plateau }: Pick<Lane, 'plateau'>,
  times: LoopState['earlier'],
): LoopNumbers => ({
  ...{ losses, norms, since, reported },
  ...(skipped.all > 0 ? { skippedSince: skipped.since, skipped: skipped.all } : {}),
  ...{ bestLoss: best.loss, bestUpdate: best.update, staleReports: stale.reports, staleLoss: stale.loss },
  ...{ plateauFactor: plateau.factor, plateauBest: plateau.best, plateauReports: plateau.reports },
  ...times,
});

/**
 * Restores the lanes of a group from their checkpoints; undefined for a lane that starts anew.
 * @throws CheckpointUnreadable for a checkpoint of another network
 */
export function restoreLanes(group: LaneGroup, checkpoints: readonly (Checkpoint | undefined)[]): void {
  if (checkpoints.every((each) => each === undefined)) return;
  for (const [place, checkpoint] of checkpoints.entries()) {
    if (!checkpoint) continue;
    const { layout, update, numbers } = checkpoint;
    const lane = group.lanes[place]!;
    if (layout !== group.layoutName || update >= lane.totalUpdates)
      throw new CheckpointUnreadable('the checkpoint belongs to another network or another length of training');
    lane.updates = update;
    lane.plateau = { factor: numbers.plateauFactor, best: numbers.plateauBest, reports: numbers.plateauReports };
  }
  group.restore(checkpoints.map((each) => each?.blocks));
}
