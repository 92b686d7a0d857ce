import type { DatasetSpec, TaskSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type Examples, type Scaling, type Targets } from '../data';
import { joinTokens, joinVectors, selected } from '../examples';
import { splitExamples, type ExampleSplit } from '../split';
import { numberer, symbolsOf, vocabularyOf } from '../text/symbols';
import { labelledRows, type LabelledRow } from './rows';

type LabelledTask = Extract<TaskSpec, { kind: 'classification' | 'regression' | 'tagging' }>;

/**
 * Labelled sequences, ready for classification, regression or tagging. Words are numbered, and numbers scaled, by the training part alone.
 * @throws DatasetError for rows that do not fit the task
 */
export function prepareLabelled(bytes: Uint8Array, task: LabelledTask, dataset: DatasetSpec): ExampleData {
  const rows = labelledRows(bytes);
  const split = splitExamples(rows.length, dataset);
  const placeOf = (index: number): string => rows[index]!.place;
  const { inputs, inputVocabulary } = inputsOf(rows, split, task, dataset);
  const answers = answersOf(rows, task, dataset, split);
  if (answers.targets.kind === 'tokens')
    rows.forEach((_, index) => {
      const steps = (offsets: Int32Array): number => offsets[index + 1]! - offsets[index]!;
      const [given, tagged] = [steps(inputs.offsets), steps((answers.targets as { offsets: Int32Array }).offsets)];
      if (given !== tagged) throw new DatasetError(`${placeOf(index)}: has ${given} steps but ${tagged} tags`);
    });
  const all: Examples = { count: rows.length, inputs, targets: answers.targets };
  return {
    kind: 'examples',
    inputVocabulary,
    targetVocabulary: answers.targetVocabulary,
    targetScaling: answers.targetScaling,
    train: selected(all, split.train),
    validation: selected(all, split.validation),
    test: split.test && selected(all, split.test),
  };
}

function inputsOf(rows: readonly LabelledRow[], split: ExampleSplit, task: LabelledTask, dataset: DatasetSpec) {
  const placeOf = (index: number): string => rows[index]!.place;
  const odd = rows.find(({ frames }) => (frames === undefined) !== (rows[0]!.frames === undefined));
  if (odd) throw new DatasetError(`${odd.place}: some rows have texts and others numbers; give one kind`);
  if (rows[0]!.frames)
    return {
      inputs: joinVectors(
        rows.map(({ frames }) => frames!),
        placeOf,
        dataset,
      ),
    };
  const symbols = rows.map(({ text, symbols: given }) => given ?? symbolsOf(text!, task.tokens));
  const tokens = rows[0]!.symbols ? 'word' : task.tokens;
  const counted = tokens === 'character' ? symbols : Array.from(split.train, (index) => symbols[index]!);
  const inputVocabulary = vocabularyOf(counted.flat(), tokens, task.vocabulary);
  const number = numberer(inputVocabulary);
  return {
    inputs: joinTokens(
      symbols.map((each) => each.map(number)),
      placeOf,
      dataset,
    ),
    inputVocabulary,
  };
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
    const targetVocabulary = [...new Set(rows.flatMap(({ tags }) => tags!))].sort();
    const number = numberer(targetVocabulary);
    const placeOf = (index: number): string => rows[index]!.place;
    return {
      targets: joinTokens(
        rows.map(({ tags }) => tags!.map(number)),
        placeOf,
        dataset,
      ),
      targetVocabulary,
    };
  }
  const targetVocabulary = [...new Set(rows.map(({ label }) => label!))].sort();
  if (targetVocabulary.length < 2)
    throw new DatasetError(
      `all rows have the label ${JSON.stringify(targetVocabulary[0])}: there is nothing to tell apart`,
    );
  requireSeveral(rows);
  const number = numberer(targetVocabulary);
  return {
    targets: { kind: 'classes', classes: Int32Array.from(rows, ({ label }) => number(label!)) },
    targetVocabulary,
  };
}

/** A class with one row can be learned or measured, not both. @throws DatasetError */
function requireSeveral(rows: readonly LabelledRow[]): void {
  const last = new Map<string, string | undefined>();
  for (const { label, place } of rows) last.set(label!, last.has(label!) ? undefined : place);
  for (const [label, place] of last)
    if (place !== undefined)
      throw new DatasetError(
        `${place}: the label ${JSON.stringify(label)} has this row alone; give more, or leave it out`,
      );
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

/** Mean and standard deviation of each column; a column that never changes keeps its scale. */
export function standardScaling(columns: readonly (readonly number[])[]): Scaling {
  const shift = columns.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const scale = columns.map((values, column) => {
    const variance = values.reduce((sum, value) => sum + (value - shift[column]!) ** 2, 0) / values.length;
    return variance > 0 ? Math.sqrt(variance) : 1;
  });
  return { shift, scale };
}
