import { trialSpec, type Objective } from '@unroll/contracts';
import type { Claim, ClaimedTrial } from '@unroll/database';

const spec = trialSpec.parse({
  dataset: { name: 'data', split: { validation: 0.2 } },
  task: 'language-model',
  model: { cell: 'gru', hiddenSize: 4, embeddingSize: 4 },
  training: { batchSize: 2, updates: 30, reportEvery: 10, learningRate: 0.01, seed: 1 },
});

/** A claimed trial, as the database returns it. */
export const testTrial = (attemptId: string): ClaimedTrial => ({
  attemptId,
  trialId: `trial-${attemptId}`,
  spec,
  datasetFingerprint: 'd',
});

/** A claim with a lane for each attempt, as the database returns it. */
export const testClaim = (objective: Partial<Objective> = {}, attemptIds = ['a', 'b']): Claim => ({
  groupId: 'g',
  sweepId: 's',
  signature: 'f',
  comparisonKey: 'key',
  mostLanes: null,
  account: { teamId: 'local', owner: 'local', priority: 'normal' },
  objective: { metric: 'validation.loss', goal: 'minimize', use: 'best', ...objective },
  objectives: null,
  stopping: { rule: 'none' },
  trials: attemptIds.map(testTrial),
});
