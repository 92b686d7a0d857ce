import { countFolds, sweepSpec, validate, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { insertTrials, newId, Sweep, type NewTrial } from '@unroll/database';
import { checkSweep, comparisonKey, countSeeds, firstSeeds, firstTrials, fusionSignature } from '@unroll/search';
import type { DataSource, EntityManager } from 'typeorm';

/** A sweep small enough for a test, with `changes`. */
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

/** A sweep file over the built-in text, as a user submits it. */
export const letters = {
  name: 'letters',
  dataset: 'typescript-declarations',
  task: 'language-model',
  model: { cell: { grid: ['rnn', 'gru'] }, hiddenSize: 8 },
  training: { learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 4, seed: 3 },
};

export const countSweeps = async (dataSource: DataSource): Promise<number> =>
  (await dataSource.query('select count(*)::integer as count from sweeps'))[0].count;

/** Inserts a running sweep without trials, as a submission leaves it; returns its id. */
export async function insertSweep(
  manager: EntityManager,
  spec: SweepSpec,
  concurrentTrials: number | null = null,
): Promise<string> {
  const { configurations, trials: total } = checkSweep(spec);
  const id = newId();
  const objective = { metric: 'validation.bitsPerToken', goal: 'minimize', use: 'best' };
  const sweep = {
    ...{ id, name: spec.name, state: 'running', spec, objective: spec.objective ?? objective },
    ...{ datasets: { tiny: 'print' }, configurations, total, concurrentTrials },
  };
  await manager.insert(Sweep, sweep as never);
  return id;
}

/** Inserts a running sweep that has no trials yet; returns its row. */
export async function emptySweep(
  dataSource: DataSource,
  spec: SweepSpec,
  concurrentTrials: number | null,
): Promise<Sweep> {
  const id = await insertSweep(dataSource.manager, spec, concurrentTrials);
  return dataSource.getRepository(Sweep).findOneByOrFail({ id });
}

/** A trial's configuration: with every part that cross-validation holds out in turn. */
function whole(spec: SweepSpec, trial: TrialSpec): TrialSpec {
  if (countFolds(spec) === 1) return trial;
  const { index: _, ...fold } = trial.dataset.fold!;
  return { ...trial, dataset: { ...trial.dataset, fold } };
}

/** Inserts a running sweep and all its trials; returns its id. */
export async function writeSweep(
  dataSource: DataSource,
  spec = smallSweep(),
  concurrentTrials: number | null = null,
): Promise<string> {
  const trials = firstTrials(spec, checkSweep(spec).trials).map((proposal, number): NewTrial => {
    const signature = fusionSignature(proposal.spec, 'print');
    return {
      ...proposal,
      number,
      held: number % countSeeds(spec) >= firstSeeds(spec),
      signature,
      comparisonKey: comparisonKey(whole(spec, proposal.spec), 'print', {
        metric: spec.objective?.metric ?? 'validation.bitsPerToken',
      }),
      datasetFingerprint: 'print',
    };
  });
  // In one transaction: a scheduler that is running would propose the trials itself.
  return dataSource.transaction(async (manager) => {
    const id = await insertSweep(manager, spec, concurrentTrials);
    await insertTrials(manager, { id, proposed: 0, edits: 0 }, trials);
    return id;
  });
}
