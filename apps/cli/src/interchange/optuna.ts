import { parseLoose } from './loose-json';
import { isObject } from '../input/is-object';
import { ranged, refusal, stepped, type ImportedStudy, type ImportedTrial, type ImportOptions } from './imported-study';

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
  setSystem: 9,
} as const;
export const states = { complete: 1, pruned: 2, failed: 3 } as const;

interface Distribution {
  name: string;
  attributes: Record<string, unknown>;
}

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
}

/** A parameter of a trial. Its distribution is JSON, which may be that of a study that is not asked for. */
interface StoredParameter {
  internal: number;
  distribution: string;
}

/** A parameter of a trial, whose distribution is read. */
interface Parameter {
  internal: number;
  distribution: Distribution;
}

/** A trial as Optuna stores it. */
export interface StoredTrial {
  study: number;
  state: number;
  values: (number | null)[] | null;
  parameters: Record<string, StoredParameter>;
  /** What Optuna notes for itself, such as the values of constraints. */
  system: Record<string, unknown>;
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
  const named = [...new Set(all.flatMap(({ parameters }) => Object.keys(parameters)))];
  const notes: string[] = [];
  const space = Object.fromEntries(named.map((each) => [each, joined(each, all, notes)]));
  const ended = all.filter(({ state, values }) => state === states.complete && typeof values?.[0] === 'number');
  const whole = ended.filter(({ parameters }) => named.every((each) => each in parameters));
  const complete = whole.filter((each) => !isInfeasible(each));
  const left = all.length - complete.length;
  const trials = complete.map(({ parameters, values }): ImportedTrial => ({
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([each, { internal, distribution }]) => [each, external(internal, distribution)]),
    ),
    outcome: { value: values![0]! },
  }));
  const infeasible = whole.length > complete.length ? 'infeasible, ' : '';
  if (left > 0)
    notes.push(
      `${left} of ${all.length} trials are left out: ${infeasible}pruned, failed, unfinished or without a parameter`,
    );
  const partial = named.filter((each) => ended.some(({ parameters }) => !(each in parameters)));
  if (partial.length > 0)
    notes.push(`not every trial has ${partial.join(', ')}: in a study, each parameter belongs to every trial`);
  return { spec: { name: name ?? study.name, space, goal }, trials, notes };
}

/** The value that Optuna stores as a number: a category is stored as its place. */
function external(internal: number, { name, attributes }: Distribution): unknown {
  if (name === 'CategoricalDistribution') return (attributes.choices as unknown[])[internal];
  return name === 'IntDistribution' ? Math.round(internal) : internal;
}

/** Whether steps of `step` from `low` on reach a number, but for rounding. */
export const isOnSteps = (value: number, low: number, step: number): boolean =>
  Math.abs((value - low) / step - Math.round((value - low) / step)) < 1e-6;

/**
 * The distribution of a parameter over all trials: with dynamic bounds, or values that were enqueued beyond them, the range that holds them
 * all. @throws CommandFailed
 */
function joined(name: string, trials: readonly ReadTrial[], notes: string[]): unknown {
  const all = trials.flatMap(({ parameters }) => parameters[name] ?? []);
  const [{ distribution: first }] = all as [(typeof all)[0]];
  const { choices, log, step } = first.attributes;
  if (
    all.some(
      ({ distribution: each }) =>
        each.name !== first.name || each.attributes.log !== log || each.attributes.step !== step,
    )
  )
    throw refusal(name, 'has distributions of several kinds in this study: it cannot be one parameter here');
  if (first.name === 'CategoricalDistribution')
    return (choices as unknown[]).length === 1 ? (choices as unknown[])[0] : { choice: choices };
  if (first.name !== 'IntDistribution' && first.name !== 'FloatDistribution')
    throw refusal(name, `is a ${first.name}: open the study once with Optuna 4 or 5`);
  const bounds = all.map(({ distribution: { attributes } }) => attributes as { low: number; high: number });
  const values = all.map(({ internal }) => internal);
  const low = Math.min(...bounds.map((each) => each.low), ...values);
  const high = Math.max(...bounds.map((each) => each.high), ...values);
  const isInt = first.name === 'IntDistribution';
  if (log === true) return isInt ? ranged('int', low, high, { log }) : ranged('logUniform', low, high);
  const key = isInt ? 'int' : 'uniform';
  if (typeof step !== 'number' || (isInt && step === 1)) return ranged(key, low, high);
  if ([...bounds.map((each) => each.low), ...values].every((value) => isOnSteps(value, low, step)))
    return stepped(key, low, high, step);
  notes.push(`${name} has no steps here: its steps of ${step} begin elsewhere in other trials`);
  return ranged(key, low, high);
}
