import type { DataReading, DatasetSpec, TaskSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling, type Targets } from '../prepared/data';
import { examplesIn, joinTokens, joinVectors, requireWidth } from '../prepared/examples';
import { standardScaling } from '../prepared/scaling';
import type { DataSource } from '../source/data-source';
import type { ExampleSplit } from '../prepared/split';
import { numberer, placedNumberer, tokenize, buildVocabulary } from '../text/symbols';
import { classTargets, classNames } from './classes';
import { splitOf } from './parts';
import type { LabelledRow } from './row';
import { labelledRows } from './rows';

type LabelledTask = Extract<TaskSpec, { kind: 'classification' | 'regression' | 'tagging' }>;

/**
 * Labelled sequences, prepared for classification, regression or tagging. The vocabulary and scaling come from the training part only.
 * @throws DatasetError for rows that do not fit the task
 */
export function prepareLabelled(
  source: DataSource,
  task: LabelledTask,
  dataset: DatasetSpec,
  given?: DataReading,
): ExampleData {
  const rows = labelledRows(source, task.kind);
  const split = splitOf(rows, dataset);
  const { inputs, inputVocabulary } = inputsOf(rows, split.train, { task, dataset, given });
  const answers = answersOf(rows, { task, dataset, given }, split);
  const all: Examples = { count: rows.length, inputs, targets: answers.targets };
  return {
    kind: 'examples',
    inputVocabulary,
    targetVocabulary: answers.targetVocabulary,
    targetScaling: answers.targetScaling,
    ...examplesIn(all, split),
  };
}

interface How {
  task: LabelledTask;
  dataset: DatasetSpec;
  /** The reading of a trained network, if any. */
  given?: DataReading | undefined;
}

/** The inputs, with a vocabulary from the rows in `learned`. @throws DatasetError for mixed kinds, or one the network does not read */
export function inputsOf(rows: readonly LabelledRow[], learned: Int32Array, { task, dataset, given }: How) {
  const placeOf = (index: number): string => rows[index]!.place;
  const kind = inputKind(rows[0]!);
  const odd = rows.find((row) => inputKind(row) !== kind);
  if (odd)
    throw new DatasetError(
      `${odd.place}: has ${inputKind(odd)}, but ${placeOf(0)} has ${kind}; all rows must have the same kind`,
    );
  if (given && (kind === 'numbers') !== (given.inputWidth !== undefined))
    throw new DatasetError(`${placeOf(0)}: has ${kind}, but the model reads ${given.inputWidth ? 'numbers' : 'text'}`);
  const frames = rows.flatMap((row) => (row.frames ? [row.frames] : []));
  if (frames.length > 0) {
    if (task.kind === 'tagging') requireTags(rows, frames);
    const inputs = joinVectors(frames, placeOf, dataset);
    requireWidth(inputs.width, given, 'the frames');
    return { inputs };
  }
  const symbols = rows.map(({ text, symbols: given }) => given ?? tokenize(text!, task.tokens));
  if (task.kind === 'tagging') requireTags(rows, symbols);
  const tokens = rows[0]!.symbols ? 'word' : task.tokens;
  const counted = tokens === 'character' ? symbols : Array.from(learned, (index) => symbols[index]!);
  const inputVocabulary = given?.inputVocabulary ?? buildVocabulary(counted, tokens, task.vocabulary);
  const number = placedNumberer(inputVocabulary);
  const numbered = symbols.map((each, index) => each.map((symbol) => number(symbol, () => placeOf(index))));
  return { inputs: joinTokens(numbered, placeOf, dataset), inputVocabulary };
}

function inputKind({ frames, symbols }: LabelledRow): string {
  if (frames) return 'numbers';
  return symbols ? 'tokens' : 'a text';
}

/** @throws DatasetError for a row whose number of tags differs from its number of steps */
function requireTags(rows: readonly LabelledRow[], steps: readonly { length: number }[]): void {
  rows.forEach(({ tags, place }, index) => {
    const { length } = steps[index]!;
    if (tags && tags.length !== length) throw new DatasetError(`${place}: has ${length} steps but ${tags.length} tags`);
  });
}

interface Answers {
  targets: Targets;
  targetVocabulary?: string[];
  targetScaling?: Scaling;
}

function answersOf(
  rows: readonly LabelledRow[],
  { task: { kind }, dataset, given }: How,
  split: ExampleSplit,
): Answers {
  const missing = rows.find(({ label, tags }) => (kind === 'tagging' ? tags : label) === undefined);
  if (missing)
    throw new DatasetError(
      `${missing.place}: ${kind} needs ${kind === 'tagging' ? '"tags", one class per step' : '"label", one target'}`,
    );
  if (kind === 'regression') return numbersOf(rows, split, given?.targetScaling);
  const known = given?.targetVocabulary;
  if (kind === 'tagging') {
    const targetVocabulary = known ? [...known] : classNames(rows.flatMap(({ tags }) => tags!));
    const placeOf = (index: number): string => rows[index]!.place;
    const number = namedNumberer(targetVocabulary);
    const numbered = rows.map(({ tags, place }) => tags!.map((tag) => number(tag, place)));
    return { targets: joinTokens(numbered, placeOf, dataset), targetVocabulary };
  }
  if (known) {
    const number = namedNumberer(known);
    const classes = rows.map(({ label, place }) => number(label!, place));
    return { targets: { kind: 'classes', classes: Int32Array.from(classes) }, targetVocabulary: [...known] };
  }
  return classTargets(rows.map(({ label, place }) => ({ label: label!, place })));
}

/** The IDs of classes or tags. @throws DatasetError for an unknown one */
const namedNumberer = (names: readonly string[]): ((name: string, place: string) => number) => {
  const number = numberer(names, -1);
  return (name, place) => {
    const found = number(name);
    if (found < 0)
      throw new DatasetError(
        `${place}: the model does not know the label ${JSON.stringify(name)}; ` +
          'set training.initFrom.replaceHead: true to learn new ones',
      );
    return found;
  };
};

function numbersOf(rows: readonly LabelledRow[], { train }: ExampleSplit, given: Scaling | undefined): Answers {
  const raw = rows.map(({ label, place }) => {
    const value = Number(label);
    if (label!.trim() === '' || !Number.isFinite(value))
      throw new DatasetError(`${place}: ${JSON.stringify(label)} is not a number`);
    return value;
  });
  const targetScaling = given ?? standardScaling([Array.from(train, (index) => raw[index]!)]);
  const [shift, scale] = [targetScaling.shift[0]!, targetScaling.scale[0]!];
  const values = Float32Array.from(raw, (value) => (value - shift) / scale);
  return { targets: { kind: 'numbers', width: 1, values }, targetScaling };
}
