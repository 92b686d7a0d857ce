import type { Diagnostics, Snapshots, TrialSpec } from '@unroll/contracts';
import type { Checkpoint } from './checkpoint';
import type { Weights } from '../nn/parameter';

/** One trial to train. Aborting `signal` ends its lane after the current update; the others continue. */
export interface LaneRequest {
  id: string;
  spec: TrialSpec;
  /** The first weights, as `initialWeights` gives them; undefined for random ones. */
  initFrom?: Weights | undefined;
  signal?: AbortSignal | undefined;
  /** Where an interrupted lane stopped: it continues from there as if it had never stopped. */
  checkpoint?: Checkpoint | undefined;
  /** The report after which the lane leaves, interrupted and with a checkpoint; where it is the last one, the lane completes. */
  until?: number | undefined;
}

export interface LaneReport {
  id: string;
  /** Updates done. */
  update: number;
  /** Updates of the whole trial. */
  of: number;
  /** Updates of one pass over the data. */
  updatesPerEpoch: number;
  /**
   * train.loss and train.gradientNorm (before clipping): means over the updates since the last report; validation.loss and the
   * task's other metrics: over the whole held-out part. Losses in nats, or in the task's unit.
   */
  metrics: Record<string, number>;
  /** A line that the network wrote; undefined with `sampleLength` 0, and for a task that writes nothing. */
  sample?: string | undefined;
  /** Diagnostics of the network; undefined with `training.diagnostics: false`. */
  diagnostics?: Diagnostics | undefined;
}

export interface LaneResult {
  id: string;
  state: 'completed' | 'diverged' | 'cancelled' | 'interrupted';
  /** Updates done; of a diverged lane, the first offending update. */
  updates: number;
  /** Seconds from the start to the lane's end, validation included. */
  seconds: number;
  /** Of these, seconds in which reports were measured: validation, samples and diagnostics, of all lanes of its array. */
  validationSeconds: number;
  /** Optimizer updates of one lane a second, without start-up and validation. */
  stepsPerSecond: number;
  /** Why a lane diverged, or ended before its last update; and of a completed one, how many updates were skipped. */
  message?: string | undefined;
  /** Of a completed lane, or one that `keepInterrupted` wants: under PyTorch's names, in its layout, without padding. */
  weights?: Weights | undefined;
  /** The update at which the lane had these weights. */
  weightsUpdate?: number | undefined;
  /** What was reported at that update. */
  metrics?: Record<string, number> | undefined;
  /** Metrics of the test part, as test.loss, …, with these weights; undefined without a test part. */
  test?: Record<string, number> | undefined;
  /** States and attention of a few sequences, of a completed lane, with these weights. */
  snapshots?: Snapshots | undefined;
}
