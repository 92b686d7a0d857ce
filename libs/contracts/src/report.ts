import type { Diagnostics, Snapshots } from './diagnostics';

/** What a trainer reports about a trial. */
export interface TrialReport {
  /** Optimizer steps done. */
  update: number;
  /** Updates per pass over its data. */
  updatesPerEpoch?: number | undefined;
  /** By name; NaN and infinities are allowed here and shown as null. */
  metrics: Record<string, number>;
  /** A line of text that the network generated, for a task that generates text. */
  sample?: string | undefined;
  /** Diagnostics of the network; undefined if it was not inspected. */
  diagnostics?: Diagnostics | undefined;
  /** Seconds of validation, samples and diagnostics so far in this attempt, of all lanes of its array. */
  validationSeconds?: number | undefined;
}

/** How a trial ended, as the trainer sees it. */
export interface TrialOutcome {
  state: 'completed' | 'diverged' | 'failed' | 'cancelled';
  updates: number;
  seconds: number;
  /** Of these, seconds of validation, samples and diagnostics, of all lanes of its array; undefined if it did not train. */
  validationSeconds?: number | undefined;
  /** Optimizer updates of one lane per second, without start-up and validation. */
  stepsPerSecond: number;
  message?: string | undefined;
  /** Metrics of the kept weights on the test part, as test.loss, …; undefined without a test part. */
  test?: Record<string, number> | undefined;
  /** Number of weights of the network, if it completed. */
  parameters?: number | undefined;
  /** Snapshots at the end; undefined if none were taken. */
  snapshots?: Snapshots | undefined;
}

/** Results of a simple model on the same held-out data. */
export interface Baseline {
  name: string;
  metrics: Record<string, number>;
}
