import type { Diagnostics, Snapshots, TrialSpec } from '@unroll/contracts';
import type { Checkpoint } from './checkpoint';
import type { Weights } from '../nn/parameter';

/** One trial to train. Aborting `signal` makes its lane leave after the update that is under way; the others go on. */
export interface LaneRequest {
  id: string;
  spec: TrialSpec;
  /** The weights that it begins with, those of `startWeights`; undefined for random ones. */
  start?: Weights | undefined;
  signal?: AbortSignal | undefined;
  /** Where an interrupted lane had got to: it goes on from there as if it had never stopped. */
  resume?: Checkpoint | undefined;
  /** A report after which the lane leaves, as interrupted and with a checkpoint; where it is the last, the lane completes. */
  until?: number | undefined;
}

export interface LaneReport {
  id: string;
  /** Updates done. */
  update: number;
  /** Updates that the trial has in all. */
  of: number;
  /** Updates that a pass over its data takes. */
  updatesPerEpoch: number;
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
  snapshots?: Snapshots | undefined;
}
