import type { Diagnostics, Snapshots } from '@unroll/contracts';
import { storable } from '../storable';

/** What a trial's reports observed besides its metrics. */
export interface Observations {
  attemptId: string;
  trialId: string;
  updates: number;
  sample: string | null;
  /** Diagnostics of the network, by update. */
  diagnostics: readonly { update: number; figures: Diagnostics }[];
  end?: { snapshots?: Snapshots | undefined } | undefined;
}

type Rows = Record<string, unknown>[];

/** Diagnostics, as `commit_work` takes them. */
export const diagnosticsRows = (work: readonly Observations[]): Rows =>
  work.flatMap(({ attemptId: attempt, trialId: trial, diagnostics }) =>
    diagnostics.map(({ update, figures }) => ({ attempt, trial, update, figures })),
  );

/** Snapshots, as `commit_work` takes them. */
export const snapshotRows = (work: readonly Observations[]): Rows =>
  work.flatMap(({ attemptId: attempt, trialId: trial, end }) =>
    end?.snapshots ? [{ attempt, trial, content: end.snapshots }] : [],
  );

/** Samples kept for each doubling of the updates: many while a network learns fast, few overall. */
const samplesPerDoubling = 4;

/** Samples, as `commit_work` takes them. */
export const sampleRows = (work: readonly Observations[]): Rows =>
  work.flatMap(({ attemptId: attempt, trialId: trial, updates, sample }) => {
    if (sample === null || updates < 1) return [];
    const place = Math.floor(samplesPerDoubling * Math.log2(updates));
    return [{ attempt, trial, place, update: updates, content: storable(sample) }];
  });
