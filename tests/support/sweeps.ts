import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { insertTrials, newId, Sweep, type NewTrial } from '@unroll/database';
import { boardKey, checkSweep, fusionSignature, propose } from '@unroll/search';
import type { DataSource } from 'typeorm';

/** A sweep small enough for a test; anything may be given otherwise. */
export function smallSweep(changes: Record<string, unknown> = {}): SweepSpec {
  return validate(sweepSpec, {
    name: 'small',
    dataset: 'tiny',
    task: 'language-model',
    model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 },
    training: { bptt: 4, batchSize: 2, updates: 4, reportEvery: 2, learningRate: { logUniform: [1e-3, 1e-2] } },
    search: { trials: 8 },
    ...changes,
  });
}

/** Writes a running sweep and all its trials; returns its id. */
export async function writeSweep(
  dataSource: DataSource,
  spec = smallSweep(),
  concurrentTrials: number | null = null,
): Promise<string> {
  const size = checkSweep(spec);
  const id = newId();
  const objective = spec.objective ?? { metric: 'validation.bitsPerToken', goal: 'minimize', use: 'best' };
  const sweep = {
    id,
    name: spec.name,
    state: 'running',
    spec,
    objective,
    datasets: { tiny: 'print' },
    configurations: size.configurations,
  };
  const trials = Array.from({ length: size.trials }, (_, number): NewTrial => {
    const proposal = propose(spec, number);
    const signature = fusionSignature(proposal.spec, 'print');
    return {
      ...proposal,
      number,
      signature,
      comparisonKey: boardKey(proposal.spec, 'print'),
      datasetFingerprint: 'print',
    };
  });
  // At once: a scheduler that looks on would propose them itself.
  await dataSource.transaction(async (manager) => {
    await manager.insert(Sweep, { ...sweep, total: size.trials, concurrentTrials } as never);
    await insertTrials(manager, id, 0, trials);
  });
  return id;
}

export const claimant = { workerId: 'worker1', host: 'here', engine: 'cpu', lanes: 4, leaseSeconds: 20 };
