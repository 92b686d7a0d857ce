import { canonical, isDistribution } from '@unroll/contracts';
import { ranged, refusal, stepped } from './imported-study';

export interface Distribution {
  name: string;
  attributes: Record<string, unknown>;
}

/** A parameter of a trial: what Optuna stores, and the distribution that it was suggested from. */
export interface Parameter {
  internal: number;
  distribution: Distribution;
}

export interface WithParameters {
  parameters: Record<string, Parameter>;
}

/** Whole numbers of a range, up to which each may be an option that other parameters belong to. */
const mostOptions = 32;

/** A parameter and, if others are suggested only with some of its values, these by value. */
interface Branch {
  name: string;
  options: { value: unknown; below: Branch[] }[];
}

/** The value that Optuna stores as a number: a category is stored as its place. */
function external({ internal, distribution: { name, attributes } }: Parameter): unknown {
  if (name === 'CategoricalDistribution') return (attributes.choices as unknown[])[internal];
  return name === 'IntDistribution' ? Math.round(internal) : internal;
}

/** Whether steps of `step` from `low` on reach a number, but for rounding. */
export const isOnSteps = (value: number, low: number, step: number): boolean =>
  Math.abs((value - low) / step - Math.round((value - low) / step)) < 1e-6;

const own = ({ parameters }: WithParameters, name: string): Parameter | undefined =>
  Object.hasOwn(parameters, name) ? parameters[name] : undefined;

/** The values that others may belong to: all of a category or of a small range of whole numbers; none for another parameter. */
function optionsOf(name: string, trials: readonly WithParameters[]): unknown[] {
  const all = trials.flatMap((trial) => own(trial, name) ?? []);
  const [{ distribution: first }] = all as [Parameter];
  if (first.name === 'CategoricalDistribution') return first.attributes.choices as unknown[];
  if (first.name !== 'IntDistribution') return [];
  const bounds = all.map(({ distribution }) => distribution.attributes as { low: number; high: number; step?: number });
  const [low, high] = [Math.min(...bounds.map((each) => each.low)), Math.max(...bounds.map((each) => each.high))];
  const step = bounds[0]!.step ?? 1;
  if ((high - low) / step >= mostOptions || bounds.some((each) => (each.step ?? 1) !== step)) return [];
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
}

const hasValue = (trial: WithParameters, name: string, value: unknown): boolean => {
  const found = own(trial, name);
  return found !== undefined && canonical(external(found)) === canonical(value);
};

/** What a study says about whether `name` belongs to values of `to`. */
interface Belonging {
  /** 2 if these values say of each trial whether it has it, 1 if some rule it out. */
  sure: number;
  /** Whether no trial was asked for it before. */
  isBefore: boolean;
  /** Where `to` stands in the order of questions. */
  place: number;
}

function belonging(name: string, to: string, trials: readonly WithParameters[]): Belonging {
  const shares = optionsOf(to, trials).flatMap((value) => {
    const alike = trials.filter((trial) => hasValue(trial, to, value));
    return alike.length === 0 ? [] : [alike.filter((trial) => own(trial, name) !== undefined).length / alike.length];
  });
  const isSure = shares.every((share) => share === 0 || share === 1);
  const orders = trials.flatMap(({ parameters }) => {
    const order = Object.keys(parameters);
    return order.includes(name) ? [[order.indexOf(to), order.indexOf(name)] as const] : [];
  });
  return {
    sure: shares.includes(0) ? 1 + Number(isSure) : 0,
    isBefore: orders.every(([one, other]) => one < other),
    place: orders[0]?.[0] ?? 0,
  };
}

/**
 * The parameters of a study whose trials do not all have the same: those that all have, and below their values the others. Optuna does not
 * store this; it is what holds in all of `trials`. `partial`: those that no value of another parameter tells, which stay beside the others.
 */
export function branches(
  names: readonly string[],
  trials: readonly WithParameters[],
): { all: Branch[]; partial: string[] } {
  const beside = new Set<string>();
  for (;;) {
    const { all, partial } = told(
      names.filter((name) => !beside.has(name)),
      trials,
    );
    if (partial.length === 0)
      return { all: [...all, ...[...beside].map((name) => ({ name, options: [] }))], partial: [...beside] };
    // Once more without these: a value that tells them in part, or that they tell, may have to do with others.
    for (const name of partial) beside.add(name);
  }
}

/** The parameters that all trials have with those that their values tell of, and the others (`partial`), which are nowhere in `all`. */
function told(names: readonly string[], trials: readonly WithParameters[]): { all: Branch[]; partial: string[] } {
  const common = names.filter((name) => trials.every((trial) => own(trial, name) !== undefined));
  const partial: string[] = [];
  const below = new Map<string, string[]>(common.map((name) => [name, []]));
  for (const name of names) {
    if (common.includes(name)) continue;
    const able = common.map((to) => ({ to, ...belonging(name, to, trials) })).filter(({ sure }) => sure > 0);
    // What others belong to is asked for before them, and mostly just before.
    const [best] = able.sort((a, b) => Number(b.isBefore) - Number(a.isBefore) || b.sure - a.sure || b.place - a.place);
    if (best && name !== kind && !isDistribution({ [name]: 0 })) below.get(best.to)!.push(name);
    else partial.push(name);
  }
  const all = common.map((name): Branch => {
    const others = below.get(name)!;
    const options = others.length === 0 ? [] : optionsOf(name, trials);
    return {
      name,
      options: options.map((value) => {
        const alike = trials.filter((trial) => hasValue(trial, name, value));
        const there = others.filter((other) => alike.some((trial) => own(trial, other) !== undefined));
        const found = told(there, alike);
        partial.push(...found.partial);
        return { value, below: found.all };
      }),
    };
  });
  return { all, partial };
}

/** The key of an option that says which it is. */
const kind = 'kind';

/** The space of a study here. `trials`: all of the study, also those without results. @throws CommandFailed */
export const spaceOf = (all: readonly Branch[], trials: readonly WithParameters[], notes: string[]) =>
  Object.fromEntries(
    all.map(({ name, options }): [string, unknown] => {
      if (options.length === 0) return [name, joined(name, trials, notes)];
      const choice = options.map(({ value, below }): unknown => {
        const alike = trials.filter((trial) => hasValue(trial, name, value));
        return { [kind]: value, ...spaceOf(below, alike, notes) };
      });
      return [name, { choice }];
    }),
  );

/** The parameters of a trial, those of an option within it. */
export const parametersOf = (all: readonly Branch[], trial: WithParameters): Record<string, unknown> =>
  Object.fromEntries(
    all.flatMap(({ name, options }): [string, unknown][] => {
      const found = own(trial, name);
      if (!found) return [];
      const value = external(found);
      if (options.length === 0) return [[name, value]];
      const { below = [] } = options.find((option) => canonical(option.value) === canonical(value)) ?? {};
      return [[name, { [kind]: value, ...parametersOf(below, trial) }]];
    }),
  );

/** What belongs to what, for people: one line for each value that has some. */
export const describeBranches = (all: readonly Branch[]): string[] =>
  all.flatMap(({ name, options }) => {
    const said = options.flatMap(({ value, below }) =>
      below.length === 0
        ? []
        : [`trials with ${name} ${JSON.stringify(value)} also have ${below.map((each) => each.name).join(', ')}`],
    );
    const within = options.flatMap(({ below }) => describeBranches(below));
    return [...said, ...within];
  });

/** Whether a trial has what the study says of it: each parameter that belongs to its values, and no other. */
export function isWhole(all: readonly Branch[], trial: WithParameters): boolean {
  const count = (tree: readonly Branch[]): number =>
    tree.reduce((sum, { name, options }) => {
      const { below = [] } = options.find(({ value }) => hasValue(trial, name, value)) ?? {};
      return sum + (own(trial, name) === undefined ? NaN : 1) + count(below);
    }, 0);
  return count(all) === Object.keys(trial.parameters).length;
}

/**
 * The distribution of a parameter over all trials: with dynamic bounds, or values that were enqueued beyond them, the range that holds them
 * all. @throws CommandFailed
 */
function joined(name: string, trials: readonly WithParameters[], notes: string[]): unknown {
  const all = trials.flatMap((trial) => own(trial, name) ?? []);
  const [{ distribution: first }] = all as [Parameter];
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
