import type { Diagnostics, Snapshots } from './diagnostics';

/** What a trainer says about a trial at a report. */
export interface TrialReport {
  /** Optimizer steps done. */
  update: number;
  /** Updates that a pass over its data takes. */
  updatesPerEpoch?: number | undefined;
  /** By name; NaN and infinities are allowed here and shown as null. */
  metrics: Record<string, number>;
  /** A line that the network wrote, where the task writes. */
  sample?: string | undefined;
  /** What it saw inside the network; undefined where it did not look. */
  diagnostics?: Diagnostics | undefined;
}

/** How a trial ended, as the trainer sees it. */
export interface TrialOutcome {
  state: 'completed' | 'diverged' | 'failed' | 'cancelled';
  updates: number;
  seconds: number;
  /** Optimizer updates of one lane a second, without start-up and validation. */
  stepsPerSecond: number;
  message?: string | undefined;
  /** What the kept weights reach on the part that was kept for the end, as test.loss, …; undefined where none was. */
  test?: Record<string, number> | undefined;
  /** Weights of the network, where it completed. */
  parameters?: number | undefined;
  /** What was seen at the end; undefined where nobody looked. */
  snapshots?: Snapshots | undefined;
}

/** What a simple model reaches on the same held-out data. */
export interface Baseline {
  name: string;
  metrics: Record<string, number>;
}
