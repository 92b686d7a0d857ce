import type { z } from 'zod';
import {
  cellNames,
  type CellName,
  misplacedOption,
  trialOptions,
  trialRefusals,
  trialSpec,
  tasks,
  validate,
  type OptionExamples,
  type TrialParts,
  type TrialSpec,
} from '@unroll/contracts';
import { coveringArray, type Row } from './covering';
import { taskInputs, type TaskInput } from './data';

/** A trial to train, and what it reads. */
export interface Combination {
  /** What differs from the defaults. */
  name: string;
  /** The options that are not left out, by path. */
  changed: string[];
  input: TaskInput;
  spec: TrialSpec;
}

/** An option that a task or a cell refuses: the path that the contract names, and what it says. */
export interface Refused {
  name: string;
  /** The path of the option that was given. */
  given: string;
  path: string;
  message: string;
}

export interface Combinations {
  tried: Combination[];
  refused: Refused[];
}

/** What every trial has: sizes that train in a moment, and steps large enough for a wrong gradient to show. */
const sizes = {
  'dataset.name': 'tiny',
  'dataset.split.validation': 0.25,
  'task.lookback': 4,
  'model.hiddenSize': 8,
  'model.embeddingSize': 8,
  'training.batchSize': 4,
  'training.updates': 3,
  'training.reportEvery': 2,
  'training.learningRate': 0.02,
};
/** Of a task that reads windows of a stream. */
const window = { 'training.bptt': 4 };

/** Values of options that are texts, or that decide what a text is about. */
const examples: OptionExamples = {
  'task.target': ['a', ['a', 'b']],
  'task.inputs': [['b']],
  'task.known': [['b']],
  'task.calendar': [['weekday']],
  'task.categories': [['c']],
  'task.lags': [[3]],
  'task.loss': [{ expression: 'abs(prediction - target)^1.5' }, { quantiles: [0.05, 0.5, 0.95] }],
  'dataset.fold': [
    { kind: 'k-fold', of: 2, index: 1 },
    { kind: 'forward-chaining', of: 2, index: 0 },
  ],
  'training.freeze': [['head']],
  'model.layerSizes': [[12, 8]],
};

/**
 * Options that are the other factors themselves; that say what the data contain; that only generated data have; that exclude `updates`;
 * and that need another model.
 */
export const leftOut = [
  'task.kind',
  'model.cell',
  'task.tokenizer',
  'dataset.time',
  'dataset.series',
  'dataset.text',
  'dataset.label',
  'dataset.decimal',
  'dataset.steps',
  'dataset.sequences',
  'training.epochs',
  'training.initFrom',
];

interface Factor {
  path: string;
  /** The first is undefined: the option is left out. */
  values: readonly unknown[];
}

/** Not so a fold without its index, of which a sweep makes several trials. */
const isOfTrial = (value: unknown): boolean =>
  !(typeof value === 'object' && value !== null && 'of' in value && !('index' in value));

const optionFactors = (): Factor[] =>
  trialOptions(examples)
    .filter(({ path }) => !(path in sizes) && !leftOut.includes(path))
    .map(({ path, values }) => ({ path, values: [undefined, ...values.filter(isOfTrial)] }));

/** A specification, by the paths of its keys. */
type Settings = Readonly<Record<string, unknown>>;

function nested(settings: Settings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(settings)) {
    const keys = path.split('.');
    let place = root;
    for (const key of keys.slice(0, -1)) place = (place[key] ??= {}) as Record<string, unknown>;
    place[keys.at(-1)!] = value;
  }
  return root;
}

/** A copy of an object with another value at a path. */
function withValue<Part extends object>(object: Part, [key, ...rest]: readonly string[], value: unknown): Part {
  const before = (object as Record<string, unknown>)[key!];
  return { ...object, [key!]: rest.length === 0 ? value : withValue(before as object, rest, value) };
}

/**
 * What makes much of a rounding, less so, since each engine rounds otherwise. An optimizer that divides by the size of the gradient moves
 * a weight whose gradient is 0 but for rounding, such as the bias of mlstm's input gates, by the whole learning rate. L1 pulls by the
 * sign of a weight, also of one that clipped updates have brought back to 0 but for rounding.
 */
function damped(spec: TrialSpec): TrialSpec {
  const { optimizer, l1 } = spec.training;
  const epsilon = 'epsilon' in optimizer ? { epsilon: 1e-5 } : {};
  return { ...spec, training: { ...spec.training, l1: Math.min(l1, 1e-3), optimizer: { ...optimizer, ...epsilon } } };
}

/** The trials of a contract: how its options combine. */
class Trials {
  readonly inputs = taskInputs();
  readonly options = optionFactors();
  /** How many values each factor has: the task, the cell, the options. */
  readonly sizes = [this.inputs.length, cellNames.length, ...this.options.map(({ values }) => values.length)];
  private readonly known = new Map<number, TrialParts>();

  /** What a task and a cell have without options. */
  private base(task: number, cell: number): Settings {
    const kind = this.inputs[task]!.task;
    const { schema, reads } = tasks[kind];
    const own = Object.entries({ ...sizes, ...(reads === 'stream' ? window : {}) }).filter(
      ([path]) => !path.startsWith('task.') || path.slice('task.'.length) in schema.shape,
    );
    return { ...Object.fromEntries(own), 'task.kind': kind, 'model.cell': cellNames[cell]! };
  }

  /** The options of a row that are not left out. */
  private changes(row: Row): [path: string, value: unknown][] {
    return this.options.flatMap(({ path, values }, place): [string, unknown][] => {
      const value = values[row[place + 2]!];
      return value === undefined ? [] : [[path, value]];
    });
  }

  /** Why a row is refused: undefined if it is accepted. */
  refusal(row: Row): readonly [path: string, message: string] | undefined {
    const [task, cell] = row as [number, number];
    const input = this.inputs[task]!;
    const changes = this.changes(row);
    const shape: Readonly<Record<string, z.ZodType>> = tasks[input.task].schema.shape;
    for (const [path, value] of changes.filter(([each]) => each.startsWith('task.'))) {
      const option = shape[path.slice('task.'.length)];
      if (!option) return [path, `${input.task} has no such option`];
      if (!option.safeParse(value).success) return [path, `${input.task} has no such value of it`];
    }
    const parts = changes.reduce(
      (before, [path, value]) => withValue(before, path.split('.'), value),
      this.parts(task, cell),
    );
    // A registered data set's kind is known where its trial is submitted.
    const misplaced = misplacedOption(parts.dataset as TrialSpec['dataset'], input.dataset);
    if (misplaced) return [misplaced.path, `is for data of the kind ${misplaced.kind}`];
    return trialRefusals(parts)[0];
  }

  /** The defaults of a task and a cell, whether or not they are accepted. */
  private parts(task: number, cell: number): TrialParts {
    const place = task * cellNames.length + cell;
    const found = this.known.get(place);
    if (found) return found;
    // A cell that every task accepts, in whose place comes the one that may be refused.
    const able = tasks[this.inputs[task]!.task].cells?.[0];
    const settings: Settings = { ...this.base(task, cell), 'model.cell': able ?? 'lstm' };
    const { training, model, ...others } = validate(trialSpec, nested(settings));
    // Without the defaults that follow from the task: a trial is refused for what it says.
    const said = { ...training, bptt: settings['training.bptt'] as typeof training.bptt, stateful: undefined };
    const parts = { ...others, training: said, model: { ...model, cell: cellNames[cell]! } };
    this.known.set(place, parts);
    return parts;
  }

  name(row: Row): string {
    const { task, dataset, input } = this.inputs[row[0]!]!;
    const options = this.changes(row).map(([path, value]) => `${path} ${JSON.stringify(value)}`);
    return [`${task} of ${dataset} ${input}`, cellNames[row[1]!]!, ...options].join(', ');
  }

  combination(row: Row): Combination {
    const settings = { ...this.base(row[0]!, row[1]!), ...Object.fromEntries(this.changes(row)) };
    const changed = this.changes(row).map(([path]) => path);
    const spec = damped(validate(trialSpec, nested(settings)));
    return { name: this.name(row), changed, input: this.inputs[row[0]!]!, spec };
  }
}

/**
 * Trainings of every task and cell that the contract accepts together, over its options: `pairs`: every two values of options, tasks and
 * cells occur together in one; `all`: every value of an option with every task and cell. And what the contract refuses of these: each
 * option alone, with each task and cell.
 */
export function combinations(which: 'pairs' | 'all'): Combinations {
  const trials = new Trials();
  const plain = Array<number>(trials.sizes.length).fill(0);
  const all = trials.inputs.flatMap((_, task) =>
    cellNames.map((_cell, cell): Row => plain.with(0, task).with(1, cell)),
  );
  const bases = all.filter((row) => trials.refusal(row) === undefined);
  const factors = [...trials.sizes.keys()];
  const groups =
    which === 'pairs'
      ? factors.flatMap((a) => factors.slice(a + 1).map((b) => [a, b]))
      : factors.slice(2).map((option) => [0, 1, option]);
  const rows = coveringArray({
    ...{ sizes: trials.sizes, groups, bases, pivots: [0, 1] },
    accepts: (row) => trials.refusal(row) === undefined,
  });
  return { tried: rows.map((row) => trials.combination(row)), refused: refusals(trials, all) };
}

/** What a task and a cell have without options, and with each value of each option that they accept alone. */
export interface SingleOptions {
  plain: Combination;
  changed: Combination[];
}

/** Single options of every task with a cell, where that accepts the cell. */
export function singleOptions(cell: CellName): SingleOptions[] {
  const trials = new Trials();
  const plain = Array<number>(trials.sizes.length).fill(0).with(1, cellNames.indexOf(cell));
  const accepted = (row: Row): boolean => trials.refusal(row) === undefined;
  return trials.inputs
    .map((_, task): Row => plain.with(0, task))
    .filter(accepted)
    .map((row) => {
      const rows = trials.options.flatMap(({ values }, place) =>
        values.slice(1).map((_, value) => row.with(place + 2, value + 1)),
      );
      return { plain: trials.combination(row), changed: rows.filter(accepted).map((each) => trials.combination(each)) };
    });
}

/** What is refused of single options, with each task and cell. */
function refusals(trials: Trials, plain: readonly Row[]): Refused[] {
  const refused = (row: Row, given: string): Refused[] => {
    const [path, message] = trials.refusal(row) ?? [];
    return path === undefined ? [] : [{ name: trials.name(row), given, path, message: message! }];
  };
  return plain.flatMap((row) => {
    const cell = refused(row, 'model.cell');
    if (cell.length > 0) return cell;
    return trials.options.flatMap(({ path, values }, place) =>
      values.slice(1).flatMap((_, value) => refused(row.with(place + 2, value + 1), path)),
    );
  });
}
