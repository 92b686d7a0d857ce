import { parseLoose } from './loose-json';
import { isObject } from '../input/is-object';
import { refusal, type ImportedStudy, type ImportOptions } from './imported-study';
import { resultsOf } from './optuna-results';
import {
  branches,
  describeBranches,
  isWhole,
  parametersOf,
  spaceOf,
  type Distribution,
  type Parameter,
} from './optuna-space';

/**
 * Operations of a journal of Optuna 4 and 5, one a line (optuna/storages/journal/_storage.py). A trial's id is its place among all trials
 * of the journal.
 */
const operations = {
  createStudy: 0,
  deleteStudy: 1,
  createTrial: 4,
  setParameter: 5,
  setState: 6,
  report: 7,
  setSystem: 9,
} as const;
export const states = { complete: 1, pruned: 2, failed: 3 } as const;

/** A line of a journal: which keys it has depends on its operation. */
interface Log {
  op_code: number;
  study_id?: number;
  trial_id?: number;
  study_name?: string;
  directions?: number[];
  state?: number;
  value?: number | null;
  values?: (number | null)[] | null;
  params?: Record<string, number>;
  distributions?: Record<string, string>;
  param_name?: string;
  param_value_internal?: number;
  distribution?: string;
  system_attr?: Record<string, unknown>;
  system_attrs?: Record<string, unknown>;
  step?: number;
  intermediate_value?: number | null;
  intermediate_values?: Record<string, number | null>;
}

/** A parameter of a trial. Its distribution is JSON, which may be that of a study that is not asked for. */
interface StoredParameter {
  internal: number;
  distribution: string;
}

/** A trial as Optuna stores it. */
export interface StoredTrial {
  study: number;
  state: number;
  values: (number | null)[] | null;
  parameters: Record<string, StoredParameter>;
  /** What Optuna notes for itself, such as the values of constraints. */
  system: Record<string, unknown>;
  /** What it reported, by step; null for a value that is not finite. */
  reports: Map<number, number | null>;
}

/** A trial of the study that is read. */
type ReadTrial = Omit<StoredTrial, 'parameters'> & { parameters: Record<string, Parameter> };

/** What a journal or a database of Optuna holds. */
export interface Stored {
  studies: Map<number, { name: string; directions: number[] }>;
  trials: StoredTrial[];
}

/** Whether the first line of a file is an operation of a journal. */
export function isOptuna(text: string): boolean {
  try {
    const first = parseLoose(text.split('\n', 1)[0]!);
    return isObject(first) && 'op_code' in first && 'worker_id' in first;
  } catch {
    return false;
  }
}

/**
 * The distribution of a parameter. @throws CommandFailed for one that is not JSON, as with the bare NaN and Infinity that Python writes
 */
function parsed(name: string, text: string): Distribution {
  try {
    return JSON.parse(text) as Distribution;
  } catch (error) {
    if (isLoose(text))
      throw refusal(
        name,
        'has NaN or Infinity in its distribution, which a study cannot have: give it null or a text there',
      );
    throw refusal(name, `its distribution is not valid JSON (${(error as Error).message})`);
  }
}

function isLoose(text: string): boolean {
  try {
    parseLoose(text);
    return true;
  } catch {
    return false;
  }
}

const readTrial = (trial: StoredTrial): ReadTrial => ({
  ...trial,
  parameters: Object.fromEntries(
    Object.entries(trial.parameters).map(([name, { internal, distribution }]) => [
      name,
      { internal, distribution: parsed(name, distribution) },
    ]),
  ),
});

/** Replays a journal. Lines that were being written when their process died are left out, as Optuna does. */
function replay(text: string): Stored {
  const studies: Stored['studies'] = new Map();
  const trials: StoredTrial[] = [];
  let created = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    let log: Log;
    try {
      log = parseLoose(line) as Log;
    } catch {
      continue;
    }
    switch (log.op_code) {
      case operations.createStudy: {
        const taken = [...studies.values()].some(({ name }) => name === log.study_name);
        if (!taken) studies.set(created++, { name: log.study_name!, directions: log.directions! });
        break;
      }
      case operations.deleteStudy:
        studies.delete(log.study_id!);
        break;
      case operations.createTrial:
        if (studies.has(log.study_id!)) trials.push(createdTrial(log));
        break;
      case operations.setParameter: {
        const own = open(trials, log);
        if (own)
          own.parameters[log.param_name!] = { internal: log.param_value_internal!, distribution: log.distribution! };
        break;
      }
      case operations.setState: {
        const own = open(trials, log);
        if (own) Object.assign(own, { state: log.state, ...(log.values ? { values: log.values } : {}) });
        break;
      }
      case operations.report:
        open(trials, log)?.reports.set(log.step!, log.intermediate_value ?? null);
        break;
      case operations.setSystem:
        Object.assign(open(trials, log)?.system ?? {}, log.system_attr);
    }
  }
  return { studies, trials };
}

/** A trial that an operation may still change. */
function open(trials: readonly StoredTrial[], { trial_id: id }: Log): StoredTrial | undefined {
  const trial = trials[id!];
  return trial && ![states.complete, states.pruned, states.failed].some((state) => state === trial.state)
    ? trial
    : undefined;
}

function createdTrial({
  study_id,
  state = 0,
  value = null,
  values,
  params = {},
  distributions = {},
  system_attrs: system = {},
  intermediate_values: reports = {},
}: Log): StoredTrial {
  const parameters = Object.entries(params).map(
    ([name, internal]) => [name, { internal, distribution: distributions[name]! }] as const,
  );
  return {
    study: study_id!,
    state,
    values: values ?? (value === null ? null : [value]),
    parameters: Object.fromEntries(parameters),
    system,
    reports: new Map(Object.entries(reports).map(([step, each]) => [Number(step), each])),
  };
}

/** Whether a trial violates a constraint: a value above 0. Optuna 4 keeps them in one list, Optuna 5 each by its name. */
const isInfeasible = ({ system }: Pick<StoredTrial, 'system'>): boolean =>
  Object.entries(system).some(
    ([key, value]) => /^constraints(:|$)/.test(key) && [value].flat().some((each) => !(Number(each ?? NaN) <= 0)),
  );

function chosenStudy(
  { studies }: Stored,
  wanted: string | undefined,
  what: string,
): [number, { name: string; directions: number[] }] {
  const all = [...studies];
  const names = all.map(([, { name }]) => name).join(', ');
  if (all.length === 0) throw refusal(what, 'has no study');
  const found = wanted === undefined ? all : all.filter(([, { name }]) => name === wanted);
  if (found.length === 1) return found[0]!;
  throw refusal('--study', wanted === undefined ? `name one of ${names}` : `there is no ${wanted}; there are ${names}`);
}

/** The study of a journal of Optuna, with its completed trials. @throws CommandFailed for what a study cannot do */
export const readOptuna = (text: string, options: ImportOptions): ImportedStudy =>
  studyOf(replay(text), options, 'the journal');

/**
 * A study that Optuna stored, with its completed trials. `what`: the file, for messages.
 * @throws CommandFailed for what a study cannot do
 */
export function studyOf(journal: Stored, { name, study: wanted }: ImportOptions, what: string): ImportedStudy {
  const [id, study] = chosenStudy(journal, wanted, what);
  if (study.directions.length > 1) throw refusal(study.name, 'has several objectives; a study here has one');
  const goal = study.directions[0] === 2 ? 'maximize' : 'minimize';
  const all = journal.trials.flatMap((trial) => (trial.study === id ? [readTrial(trial)] : []));
  const ended = all.filter(({ state, values }) => state === states.complete && typeof values?.[0] === 'number');
  // A trial that failed may have ended before it asked for all of its parameters.
  const told = ended.length > 0 ? ended : all;
  const named = [...new Set(told.flatMap(({ parameters }) => Object.keys(parameters)))];
  const notes: string[] = [];
  const { all: tree, partial } = branches(named, told);
  const space = spaceOf(tree, all, notes);
  notes.push(...describeBranches(tree));
  const whole = ended.filter((each) => isWhole(tree, each));
  const complete = whole.filter((each) => !isInfeasible(each));
  const results = resultsOf(
    complete.map(({ values, reports }) => ({
      value: values![0]!,
      reports: [...reports].sort(([one], [other]) => one - other),
    })),
    goal,
  );
  const infeasible = whole.length > complete.length ? 'infeasible, ' : '';
  if (complete.length < all.length)
    notes.push(
      `${all.length - complete.length} of ${all.length} trials are left out: ${infeasible}pruned, failed, unfinished or without a parameter`,
    );
  if (partial.length > 0)
    notes.push(`not every trial has ${partial.join(', ')}, and no value of another parameter says which`);
  const { use, steps } = results;
  return {
    spec: {
      name: name ?? study.name,
      space,
      goal,
      ...(use === 'best' ? { use } : {}),
      ...(steps > 1 ? { steps } : {}),
    },
    trials: complete.map((each, at) => ({ parameters: parametersOf(tree, each), outcome: results.outcomes[at]! })),
    notes: [...notes, ...results.notes],
  };
}
