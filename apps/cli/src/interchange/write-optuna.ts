import type { TrialView } from '@unroll/contracts';
import { distributionAt, type ExportedSweep } from './exported-sweep';

/** How Optuna stores a parameter: its distribution, and a value as a number. */
interface Stored {
  distribution: string;
  toInternal: (value: unknown) => number;
}

/** Numbers of states and operations in a journal: optuna/storages/journal/_storage.py and optuna/trial/_state.py of Optuna 5.0. */
const stateNumbers = { COMPLETE: 1, PRUNED: 2 } as const;
const [createStudy, createTrial] = [0, 4];

const states: Partial<Record<TrialView['state'], keyof typeof stateNumbers>> = {
  completed: 'COMPLETE',
  pruned: 'PRUNED',
};

/** A trial as Optuna stores it. */
export interface OptunaTrial {
  state: keyof typeof stateNumbers;
  value: number;
  /** Times in UTC, with +00:00. */
  start: string | null;
  complete: string | null;
  parameters: Record<string, { internal: number; distribution: string }>;
  attributes: Record<string, unknown>;
}

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
 * The completed and pruned trials of a sweep. Trials of Optuna have no seeds, so each seed of a configuration is a trial.
 */
export function optunaTrials(exported: ExportedSweep): OptunaTrial[] {
  const { trials } = exported;
  const paths = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))];
  const stored = new Map(paths.map((path) => [path, storedAs(path, exported)]));
  return trials.flatMap((trial): OptunaTrial[] => {
    const state = states[trial.state];
    const value = trial.value === null ? NaN : Number(trial.value);
    if (state === undefined || !Number.isFinite(value)) return [];
    const parameters = Object.entries(trial.parameters).map(([path, each]) => {
      const { distribution, toInternal } = stored.get(path)!;
      return [path, { internal: toInternal(each), distribution }];
    });
    return [
      {
        ...{ state, value, parameters: Object.fromEntries(parameters) as OptunaTrial['parameters'] },
        start: utc(trial.startedAt ?? trial.createdAt),
        complete: utc(trial.finishedAt ?? trial.createdAt),
        attributes: { unroll: trial.id, seed: trial.seed, ...trial.metrics },
      },
    ];
  });
}

/** The completed and pruned trials of a sweep as a journal of Optuna 5: one study, each trial in a line. */
export function writeOptuna(exported: ExportedSweep): string {
  const { sweep } = exported;
  const line = (op_code: number, rest: object): string => JSON.stringify({ op_code, worker_id: 'unroll', ...rest });
  const direction = sweep.objective.goal === 'maximize' ? 2 : 1;
  const lines = optunaTrials(exported).map(({ state, value, start, complete, parameters, attributes }) => {
    const own = Object.entries(parameters);
    return line(createTrial, {
      ...{ study_id: 0, datetime_start: start, datetime_complete: complete },
      ...{ state: stateNumbers[state], values: [value] },
      params: Object.fromEntries(own.map(([path, { internal }]) => [path, internal])),
      distributions: Object.fromEntries(own.map(([path, { distribution }]) => [path, distribution])),
      user_attrs: attributes,
      ...{ system_attrs: {}, intermediate_values: {} },
    });
  });
  return [line(createStudy, { study_name: sweep.name, directions: [direction] }), ...lines, ''].join('\n');
}
