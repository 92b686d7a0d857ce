import type { TrialView } from '@unroll/contracts';
import { distributionAt, type ExportedSweep } from './exported-sweep';

/** How Optuna stores a parameter: its distribution, and a value as a number. */
interface Stored {
  distribution: string;
  toInternal: (value: unknown) => number;
}

/** States and operations of a journal: optuna/storages/journal/_storage.py and optuna/trial/_state.py of Optuna 5.0. */
const states: Partial<Record<TrialView['state'], number>> = { completed: 1, pruned: 2 };
const [createStudy, createTrial] = [0, 4];

/** A value that Optuna may have as a category: it has no lists and no mappings. */
const category = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value;

const categories = (values: readonly unknown[]): Stored => {
  const choices = [...new Map(values.map((each) => [JSON.stringify(each), category(each)])).values()];
  return {
    distribution: JSON.stringify({ name: 'CategoricalDistribution', attributes: { choices } }),
    toInternal: (value) => choices.indexOf(category(value)),
  };
};

function storedAs(path: string, { sweep, trials }: ExportedSweep): Stored {
  const values = trials.flatMap(({ parameters }) => (path in parameters ? [parameters[path]] : []));
  const found = distributionAt(sweep, path);
  const ends = (found?.uniform ?? found?.logUniform ?? found?.int) as [number, number] | undefined;
  if (!found || !ends) return categories([...((found?.choice ?? found?.grid ?? []) as unknown[]), ...values]);
  const { step } = found;
  const [low, high] = ends;
  const isInt = found.int !== undefined;
  const log = found.logUniform !== undefined || found.log === true;
  // Optuna has no steps on a log scale.
  const attributes = { log, step: isInt ? (step ?? 1) : log ? null : (step ?? null), low, high };
  return {
    distribution: JSON.stringify({ name: isInt ? 'IntDistribution' : 'FloatDistribution', attributes }),
    toInternal: Number,
  };
}

/** A time as Optuna 5 writes it. */
const utc = (time: string | null): string | null => time && new Date(time).toISOString().replace('Z', '+00:00');

/**
 * The completed and pruned trials of a sweep as a journal of Optuna 5: one study, each trial in a line. Trials of Optuna have no seeds, so
 * each seed of a configuration is a trial.
 */
export function writeOptuna(exported: ExportedSweep): string {
  const { sweep, trials } = exported;
  const paths = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
  const stored = new Map(paths.map((path) => [path, storedAs(path, exported)]));
  const line = (op_code: number, rest: object): string => JSON.stringify({ op_code, worker_id: 'unroll', ...rest });
  const direction = sweep.objective.goal === 'maximize' ? 2 : 1;
  const lines = trials.flatMap((trial) => {
    const state = states[trial.state];
    const value = trial.value === null ? NaN : Number(trial.value);
    if (state === undefined || !Number.isFinite(value)) return [];
    const own = Object.entries(trial.parameters);
    const attributes = { unroll: trial.id, seed: trial.seed, ...trial.metrics };
    return line(createTrial, {
      ...{ study_id: 0, datetime_start: utc(trial.startedAt ?? trial.createdAt) },
      ...{ datetime_complete: utc(trial.finishedAt ?? trial.createdAt), state, values: [value] },
      params: Object.fromEntries(own.map(([path, each]) => [path, stored.get(path)!.toInternal(each)])),
      distributions: Object.fromEntries(own.map(([path]) => [path, stored.get(path)!.distribution])),
      user_attrs: attributes,
      ...{ system_attrs: {}, intermediate_values: {} },
    });
  });
  return [line(createStudy, { study_name: sweep.name, directions: [direction] }), ...lines, ''].join('\n');
}
