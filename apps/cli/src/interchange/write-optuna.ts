import { getOptions, isDistribution, type Distribution, type MetricSeries, type TrialView } from '@unroll/contracts';
import { distributionsAt, type ExportedSweep } from './exported-sweep';
import { isOnSteps } from './optuna-space';

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
  /** What it reported, by its updates; null for a value that is not finite. */
  reports: readonly (readonly [step: number, value: number | null])[];
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

/** An option as a trial has it at the path of its list: an object by its kind. Undefined for one that is a range, or known by its parts. */
function optionOf(option: unknown): unknown {
  if (typeof option !== 'object' || option === null || Array.isArray(option)) return option;
  return isDistribution(option) ? undefined : (option as { kind?: unknown }).kind;
}

/** How far from its mean a range for a normal distribution reaches, which Optuna does not have, in standard deviations. */
const reach = 4;

/** The ends of a range; undefined for a list. */
function endsOf(given: Distribution): [number, number] | undefined {
  if ('normal' in given) return [given.normal[0] - reach * given.normal[1], given.normal[0] + reach * given.normal[1]];
  if ('choice' in given || 'grid' in given) return undefined;
  return 'int' in given ? given.int : 'uniform' in given ? given.uniform : given.logUniform;
}

const isLog = (given: Distribution): boolean => 'logUniform' in given || ('log' in given && given.log === true);

/** The range of a parameter that is always a number, over all options and all that was tried; undefined for any other. */
function rangeOf(found: readonly Distribution[], values: readonly unknown[]): Stored | undefined {
  const options = found.flatMap(getOptions);
  const plain = options.filter((option) => !isDistribution(option));
  const ranges = found.filter((each) => endsOf(each) !== undefined);
  const numbers = [...plain, ...values];
  if (ranges.length === 0 || !numbers.every((each) => typeof each === 'number')) return undefined;
  const ends = [...numbers, ...ranges.flatMap((each) => endsOf(each) ?? [])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const isInt = ranges.every((each) => 'int' in each) && numbers.every(Number.isInteger);
  const [only] = ranges as [Distribution];
  const isOne = ranges.length === 1 && plain.length === 0 && low === endsOf(only)![0];
  const log = ranges.every(isLog) && low > 0;
  const given = isOne && 'step' in only ? only.step : undefined;
  // Optuna takes no value off the steps, such as one that was enqueued.
  const step = given !== undefined && numbers.every((each) => isOnSteps(each, low, given)) ? given : undefined;
  // Optuna has no steps on a log scale.
  const attributes = { log, step: isInt ? (step ?? 1) : log ? null : (step ?? null), low, high };
  return {
    distribution: JSON.stringify({ name: isInt ? 'IntDistribution' : 'FloatDistribution', attributes }),
    toInternal: Number,
  };
}

function storedAs(path: string, { sweep, trials }: ExportedSweep): Stored {
  const values = trials.flatMap(({ parameters }) => (path in parameters ? [parameters[path]] : []));
  const found = distributionsAt(sweep, path);
  const options = found.flatMap(getOptions);
  return (
    rangeOf(found, values) ?? categories([...options.map(optionOf).filter((each) => each !== undefined), ...values])
  );
}

const reportsOf = ({ updates, values }: Pick<MetricSeries, 'updates' | 'values'> = { updates: [], values: [] }) =>
  updates.map((step, at) => [step, values[at] ?? null] as const);

/** A time as Optuna 5 writes it. */
const utc = (time: string | null): string | null => time && new Date(time).toISOString().replace('Z', '+00:00');

/**
 * The completed and pruned trials of a sweep. Trials of Optuna have no seeds, so each seed of a configuration is a trial.
 */
export function optunaTrials(exported: ExportedSweep): OptunaTrial[] {
  const { trials, curves } = exported;
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
        reports: reportsOf(curves?.get(trial.id)),
      },
    ];
  });
}

/** The completed and pruned trials of a sweep as a journal of Optuna 5: one study, each trial in a line. */
export function writeOptuna(exported: ExportedSweep): string {
  const { sweep } = exported;
  const line = (op_code: number, rest: object): string => JSON.stringify({ op_code, worker_id: 'unroll', ...rest });
  const direction = sweep.objective.goal === 'maximize' ? 2 : 1;
  const lines = optunaTrials(exported).map(({ state, value, start, complete, parameters, attributes, reports }) => {
    const own = Object.entries(parameters);
    const written = line(createTrial, {
      ...{ study_id: 0, datetime_start: start, datetime_complete: complete },
      ...{ state: stateNumbers[state], values: [value] },
      params: Object.fromEntries(own.map(([path, { internal }]) => [path, internal])),
      distributions: Object.fromEntries(own.map(([path, { distribution }]) => [path, distribution])),
      user_attrs: attributes,
      system_attrs: {},
    });
    // NaN as Python's json has it, which JSON does not.
    const values = reports.map(([step, each]) => `"${step}":${each ?? 'NaN'}`);
    return `${written.slice(0, -1)},"intermediate_values":{${values.join(',')}}}`;
  });
  return [line(createStudy, { study_name: sweep.name, directions: [direction] }), ...lines, ''].join('\n');
}
