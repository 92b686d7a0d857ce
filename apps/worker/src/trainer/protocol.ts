import type { Baseline, DatasetKind, TrialOutcome, TrialReport, TrialSpec } from '@unroll/contracts';

/** What a worker and its trainer tell each other. The trainer knows attempts, not databases. */

/** Where the trainer finds the bytes of a data set. */
export type DataPlace = { builtIn: string } | { path: string; kind: DatasetKind };

export interface Lane {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
  /** Name of the checkpoint to go on from. */
  resume?: string | undefined;
  /** The update of the rung at which it ends, with its state. */
  until?: number | undefined;
  /** Whether the checkpoint is another trial's, whose weights it takes over. */
  takesOver?: boolean | undefined;
}

export interface TrainCommand {
  type: 'train';
  groupId: string;
  fingerprint: string;
  data: DataPlace;
  /** The artifact of the model that all lanes begin with; undefined for random weights. */
  start?: string | undefined;
  lanes: Lane[];
  /** Trainers that share the device's memory. */
  trainers: number;
  /** Lanes that the user wants at most; undefined: as many as the device gains by. */
  wanted: number | undefined;
  /** When checkpoints are written: after so many seconds, and after so many updates where that is given. */
  checkpoints: { seconds: number; updates: number | undefined };
}

/** More lanes for a group whose batches are even. They begin after the update under way; a group that has ended takes none. */
export interface JoinCommand {
  type: 'join';
  groupId: string;
  lanes: Lane[];
}

export type ToTrainer =
  | TrainCommand
  | JoinCommand
  /** A stopping rule ended these attempts: their results are stored. */
  | { type: 'prune'; attemptIds: string[] }
  | { type: 'cancel'; attemptIds: string[] }
  /** Write a checkpoint of every lane after the update under way, and end. */
  | { type: 'drain' };

/** Attempts that the trainer cannot go on with, though their trials may. */
export interface GaveUp {
  type: 'gaveUp';
  groupId: string;
  attemptIds: string[];
  state: 'failed' | 'released';
  message: string;
  /** Each of them must be alone the next time. */
  alone?: boolean;
  /** Their checkpoints are of no use. */
  forget?: boolean;
}

export type FromTrainer =
  | { type: 'ready'; engine: string; device: string }
  | { type: 'unavailable'; message: string }
  /** Before the first update: lanes of the kind that the memory holds, and whether others may join. */
  | { type: 'opened'; groupId: string; lanes: number; evenBatches: boolean }
  /** `memory`: bytes that the process holds. */
  | { type: 'progress'; groupId: string; updates: number; memory: number }
  | { type: 'baseline'; groupId: string; baseline: Baseline }
  | { type: 'report'; groupId: string; attemptId: string; report: TrialReport }
  | { type: 'checkpoint'; groupId: string; attemptId: string; name: string; update: number }
  | { type: 'outcome'; groupId: string; attemptId: string; outcome: TrialOutcome; checkpoint: string | null }
  /** Lanes have ended at a rung, and their states are written: all of the group at once. */
  | { type: 'rung'; groupId: string; lanes: { attemptId: string; checkpoint: string; update: number }[] }
  | GaveUp
  | { type: 'done'; groupId: string };

/** What a trainer exits with whose device broke; the last line that it wrote says why. */
export const brokenDevice = 70;

/** What processes, libraries and errors say whose memory ran out. */
export const memoryRanOut = /out of memory|bad_alloc|\bOOM\b|allocation failed/i;
