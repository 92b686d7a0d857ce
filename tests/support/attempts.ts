import { claimTrials, type AttemptWork, type Claim } from '@unroll/database';
import type { DataSource } from 'typeorm';

/** A worker with 4 lanes that claims trials. */
export const claimant = { workerId: 'worker1', host: 'here', engine: 'cpu', lanes: 4, leaseSeconds: 20 };

/** The end of an attempt whose trial completed. */
export const completed = { trialState: 'completed', seconds: 1, message: null, model: null } as const;

/** What a worker commits for an attempt: one update without a curve or value, unless `changes` say otherwise. */
export function attemptWork(
  { attemptId, trialId }: { attemptId: string; trialId: string },
  changes: Partial<AttemptWork> = {},
): AttemptWork {
  const empty = { curves: [], value: null, metrics: {}, updates: 1, sample: null, diagnostics: [] };
  return { attemptId, trialId, ...empty, ...changes };
}

/** Claims again and again, until no trial is pending. */
export async function* claims(dataSource: DataSource, by = claimant): AsyncGenerator<Claim> {
  for (let claim = await claimTrials(dataSource, by); claim; claim = await claimTrials(dataSource, by)) yield claim;
}
