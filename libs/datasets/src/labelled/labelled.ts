import type { DatasetSpec, TaskSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling, type Targets } from '../data';
import { examplesIn, joinTokens, joinVectors } from '../examples';
import { standardScaling } from '../scaling';
import type { DataSource } from '../source/data-source';
import { splitExamples, type ExampleSplit } from '../split';
import { numberer, symbolsOf, vocabularyOf } from '../text/symbols';
import { classesOf, namesOf } from './classes';
import type { LabelledRow } from './row';
import { labelledRows } from './rows';

type LabelledTask = Extract<TaskSpec, { kind: 'classification' | 'regression' | 'tagging' }>;

/**
 * Labelled sequences, ready for classification, regression or tagging. Words are numbered, and numbers scaled, by the training part alone.
 * @throws DatasetError for rows that do not fit the task
 */
export function prepareLabelled(source: DataSource, task: LabelledTask, dataset: DatasetSpec): ExampleData {
  const rows = labelledRows(source, task.kind);
  const split = splitExamples(rows.length, dataset);
  const { inputs, inputVocabulary } = inputsOf(rows, split, task, dataset);
  const answers = answersOf(rows, task, dataset, split);
  const all: Examples = { count: rows.length, inputs, targets: answers.targets };
  return {
    kind: 'examples',
    inputVocabulary,
    targetVocabulary: answers.targetVocabulary,
    targetScaling: answers.targetScaling,
    ...examplesIn(all, split),
  };
}

function inputsOf(rows: readonly LabelledRow[], split: ExampleSplit, task: LabelledTask, dataset: DatasetSpec) {
  const placeOf = (index: number): string => rows[index]!.place;
  const kind = inputKind(rows[0]!);
  const odd = rows.find((row) => inputKind(row) !== kind);
  if (odd) throw new DatasetError(`${odd.place}: has ${inputKind(odd)}, but ${placeOf(0)} has ${kind}; give one kind`);
  const frames = rows.flatMap((row) => (row.frames ? [row.frames] : []));
  if (frames.length > 0) {
    if (task.kind === 'tagging') requireTags(rows, frames);
    return { inputs: joinVectors(frames, placeOf, dataset) };
  }
  const symbols = rows.map(({ text, symbols: given }) => given ?? symbolsOf(text!, task.tokens));
  if (task.kind === 'tagging') requireTags(rows, symbols);
  const tokens = rows[0]!.symbols ? 'word' : task.tokens;
  const counted = tokens === 'character' ? symbols : Array.from(split.train, (index) => symbols[index]!);
  const inputVocabulary = vocabularyOf(counted, tokens, task.vocabulary);
  const number = numberer(inputVocabulary);
  const numbered = symbols.map((each) => each.map(number));
  return { inputs: joinTokens(numbered, placeOf, dataset), inputVocabulary };
}

function inputKind({ frames, symbols }: LabelledRow): string {
  if (frames) return 'numbers';
  return symbols ? 'tokens' : 'a text';
}

/** @throws DatasetError for a row with more or fewer tags than steps */
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
  { kind }: LabelledTask,
  dataset: DatasetSpec,
  split: ExampleSplit,
): Answers {
  const missing = rows.find(({ label, tags }) => (kind === 'tagging' ? tags : label) === undefined);
  if (missing)
    throw new DatasetError(
      `${missing.place}: ${kind} needs ${kind === 'tagging' ? '"tags", a class for each step' : '"label", one answer'}`,
    );
  if (kind === 'regression') return numbersOf(rows, split);
  if (kind === 'tagging') {
    const targetVocabulary = namesOf(rows.flatMap(({ tags }) => tags!));
    const number = numberer(targetVocabulary);
    const placeOf = (index: number): string => rows[index]!.place;
    const numbered = rows.map(({ tags }) => tags!.map(number));
    return { targets: joinTokens(numbered, placeOf, dataset), targetVocabulary };
  }
  return classesOf(rows.map(({ label, place }) => ({ label: label!, place })));
}

function numbersOf(rows: readonly LabelledRow[], { train }: ExampleSplit): Answers {
  const raw = rows.map(({ label, place }) => {
    const value = Number(label);
    if (label!.trim() === '' || !Number.isFinite(value))
      throw new DatasetError(`${place}: ${JSON.stringify(label)} is not a number`);
    return value;
  });
  const targetScaling = standardScaling([Array.from(train, (index) => raw[index]!)]);
  const [shift, scale] = [targetScaling.shift[0]!, targetScaling.scale[0]!];
  const values = Float32Array.from(raw, (value) => (value - shift) / scale);
  return { targets: { kind: 'numbers', width: 1, values }, targetScaling };
}
