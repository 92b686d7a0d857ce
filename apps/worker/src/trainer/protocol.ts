import type { Baseline, DatasetKind, TrialOutcome, TrialReport, TrialSpec } from '@unroll/contracts';

/** What a worker and its trainer tell each other. The trainer knows attempts, not databases. */

/** Where the trainer finds the bytes of a data set. */
export type DataPlace = { builtIn: string } | { path: string; kind: DatasetKind };

export interface Lane {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
}

export interface TrainCommand {
  type: 'train';
  groupId: string;
  fingerprint: string;
  data: DataPlace;
  /** The artifact of the model that all lanes begin with; undefined for random weights. */
  start?: string | undefined;
  lanes: Lane[];
}

export type ToTrainer = TrainCommand | { type: 'cancel'; attemptIds: string[] };

export type FromTrainer =
  | { type: 'ready'; engine: string; device: string }
  | { type: 'unavailable'; message: string }
  | { type: 'progress'; groupId: string; updates: number }
  | { type: 'baseline'; groupId: string; baseline: Baseline }
  | { type: 'report'; groupId: string; attemptId: string; report: TrialReport }
  | { type: 'outcome'; groupId: string; attemptId: string; outcome: TrialOutcome; checkpoint: string | null }
  | { type: 'done'; groupId: string };
