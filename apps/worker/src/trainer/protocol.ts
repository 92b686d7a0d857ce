import type {
  Baseline,
  DatasetKind,
  DeviceMemory,
  FileOptionPath,
  LaneNeeds,
  TrialOutcome,
  TrialReport,
  TrialSpec,
} from '@unroll/contracts';

/** The messages between a worker and its trainer. The trainer knows attempts, not databases. */

/** Where the trainer finds the bytes of a data set. */
export type DataPlace = { builtIn: string } | { path: string; kind: DatasetKind };

/** The paths of the files that trials name beside their data, by the option that names them. */
export type FetchedFiles = Partial<Record<FileOptionPath, string>>;

export interface Lane {
  attemptId: string;
  trialId: string;
  spec: TrialSpec;
  /** Name of the checkpoint to continue from. */
  checkpoint?: string | undefined;
  /** The update of the rung at which it ends, with a checkpoint. */
  until?: number | undefined;
  /** Whether the checkpoint is another trial's, whose weights are copied (exploit). */
  exploits?: boolean | undefined;
}

export interface TrainCommand {
  type: 'train';
  groupId: string;
  fingerprint: string;
  data: DataPlace;
  /** The artifact of the model that all lanes start from; undefined for random weights. */
  initFrom?: string | undefined;
  /** The files that all lanes name beside their data. */
  files: FetchedFiles;
  lanes: Lane[];
  /** Trainers that share the device's memory. */
  trainers: number;
  /** The user's limit on lanes; undefined: as many as the device gains by. */
  wanted: number | undefined;
  /** Checkpoints are written after so many seconds, and after so many updates if that is given. */
  checkpoints: { seconds: number; updates: number | undefined };
}

/** More lanes for a group whose batches are even. They start after the update under way; a group that has ended ignores them. */
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

/** Attempts that the trainer cannot continue, although other attempts at their trials may succeed. */
export interface Released {
  type: 'released';
  groupId: string;
  attemptIds: string[];
  /** `failed` counts as a crash of the trial, `released` does not. */
  state: 'failed' | 'released';
  message: string;
  /** Each trial must be alone in its group next time. */
  alone?: boolean;
  /** Their checkpoints are unusable. */
  forget?: boolean;
}

export type FromTrainer =
  | { type: 'ready'; engine: string; device: string; memory: DeviceMemory }
  | { type: 'unavailable'; message: string }
  /** What a lane of the group takes of a device's memory, where not every device has it. */
  | { type: 'needs'; groupId: string; needs: LaneNeeds }
  /** This device cannot hold a lane of the group: `message` says what is missing. */
  | { type: 'tooLarge'; groupId: string; needs: LaneNeeds; message: string }
  /** Before the first update: how many such lanes fit in memory, and whether others may join. */
  | { type: 'opened'; groupId: string; lanes: number; evenBatches: boolean }
  /** Bytes that the process uses, and, of a GPU engine that tells it, those of the device. */
  | { type: 'progress'; groupId: string; updates: number; memory: number; gpuMemory?: number | undefined }
  | { type: 'baseline'; groupId: string; baseline: Baseline }
  | { type: 'report'; groupId: string; attemptId: string; report: TrialReport }
  | { type: 'checkpoint'; groupId: string; attemptId: string; name: string; update: number }
  /** `model`: its artifact, if the trial completed. */
  | { type: 'outcome'; groupId: string; attemptId: string; outcome: TrialOutcome; model: string | null }
  /** Lanes have ended at a rung, and their checkpoints are written: all of the group at once. */
  | { type: 'rung'; groupId: string; lanes: { attemptId: string; checkpoint: string; update: number }[] }
  | Released
  | { type: 'done'; groupId: string };

/** A message of one type. */
export type About<Type extends FromTrainer['type']> = Extract<FromTrainer, { type: Type }>;

/** Exit code of a trainer whose device broke; the last line of its error output says why. */
export const deviceBrokenExitCode = 70;

/** Matches what processes, libraries and errors print when memory runs out. */
export const outOfMemory = /out of memory|bad_alloc|\bOOM\b|allocation failed/i;
