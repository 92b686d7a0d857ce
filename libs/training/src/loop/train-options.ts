import type { Engine } from '../backends/engine/engine';
import type { Checkpoint, CheckpointUnreadable } from './checkpoint';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';

export interface TrainOptions {
  engine: Engine;
  /**
   * Called before the first update. `evenBatches`: whether lanes may join at any time and still get the numbers that they
   * get alone.
   */
  onOpen?(opened: { evenBatches: boolean }): void;
  /**
   * Called for each lane at each of its reports, in the order of updates, once per update. Awaited. `validationSeconds`: those that reports
   * of all lanes took since it entered, this one's included.
   */
  onReport(report: LaneReport, validationSeconds: number): void | Promise<void>;
  /** Called for each lane when it ends, before the others continue. Awaited. */
  onEnd?(result: LaneResult): void | Promise<void>;
  /**
   * `count`: a counter that only grows, one more after each update and each validation batch. `first`: updates of the first lane of those
   * that train, done and of the whole trial.
   */
  onUpdate?(count: number, first: { update: number; of: number }): void;
  /** Characters of the line in a report. Default 80; 0 for none. */
  sampleLength?: number;
  /** Called after each update: whether checkpoints of all lanes are wanted now. */
  checkpointDue?(): boolean;
  /**
   * Called with a lane's checkpoint, in the order of updates. The caller owns it, and need not have written it before
   * returning.
   */
  onCheckpoint?(id: string, checkpoint: Checkpoint): void;
  /** Called after each update: trials that join now, if `evenBatches`; they can be fused with `lanes`. */
  arrivals?(): readonly LaneRequest[];
  /** Called for an arrival that cannot continue from its checkpoint, and does not join. */
  onRefused?(id: string, reason: CheckpointUnreadable): void;
  /** Aborting it ends every lane after the current update, interrupted and with a checkpoint. */
  drain?: AbortSignal | undefined;
  /** Whether the results of interrupted lanes have the best weights so far. Default false. */
  keepInterrupted?: boolean;
}
