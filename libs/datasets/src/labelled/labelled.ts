import { tasks, type TaskSpec } from '@unroll/contracts';
import { chooseFormat, isNumeric, parseNumber, requireOneUnit } from '../columns/numbers';
import { DatasetError, type ExampleData, type Examples, type Scaling, type Targets } from '../prepared/data';
import { examplesIn, joinTokens, joinVectors, requireWidth } from '../prepared/examples';
import { frameScaling, standardScaling } from '../prepared/scaling';
import type { Preparation } from '../prepared/preparation';
import type { ExampleSplit } from '../prepared/split';
import { placedNumberer } from '../text/symbols';
import { tokenizeRows } from '../text/tokenizer';
import { classNames, namedClasses, namedNumberer } from './classes';
import { splitRows } from './parts';
import type { LabelledRow } from './row';

/** The tasks that learn from labelled sequences. */
export type LabelledTask = Extract<TaskSpec, { kind: 'classification' | 'regression' | 'tagging' }>;

/**
 * Labelled rows as examples: a class or number for each, or a tag for each step. The vocabulary and scaling come from the training part
 * only.
 * @throws DatasetError for rows that do not fit the task
 */
export function prepareRows(rows: readonly LabelledRow[], how: How): ExampleData {
  const areClasses = tasks[how.task.kind].loss === 'cross-entropy' && !isTagged(how.task);
  const classes = areClasses ? rows.map(({ label }) => label ?? '') : undefined;
  const split = splitRows(rows, how.dataset, { classes });
  const { inputs, inputVocabulary, inputMerges, inputScaling } = encodeInputs(rows, split.train, how);
  const answers = encodeAnswers(rows, how, split);
  const places = rows.map(({ place }) => place);
  const all: Examples = { count: rows.length, inputs, targets: answers.targets, places };
  return {
    kind: 'examples',
    inputVocabulary,
    inputMerges,
    inputScaling,
    targetVocabulary: answers.targetVocabulary,
    targetScaling: answers.targetScaling,
    decimal: answers.decimal,
    ...examplesIn(all, split),
  };
}

type How = Preparation<LabelledTask['kind']>;
/** Whether a task answers at each step, by tags. */
const isTagged = ({ kind }: LabelledTask): boolean => tasks[kind].answers === 'each step';

/** The inputs, with a vocabulary from the rows in `learned`. @throws DatasetError for mixed kinds, or one the network does not read */
export function encodeInputs(rows: readonly LabelledRow[], learned: Int32Array, { task, dataset, reading }: How) {
  const placeAt = (index: number): string => rows[index]!.place;
  const kind = inputKind(rows[0]!);
  const odd = rows.find((row) => inputKind(row) !== kind);
  if (odd)
    throw new DatasetError(
      `${odd.place}: has ${inputKind(odd)}, but ${placeAt(0)} has ${kind}; all rows must have the same kind`,
    );
  if (reading && (kind === 'numbers') !== (reading.inputWidth !== undefined))
    throw new DatasetError(
      `${placeAt(0)}: has ${kind}, but the model reads ${reading.inputWidth ? 'numbers' : 'text'}`,
    );
  const frames = rows.flatMap((row) => (row.frames ? [row.frames] : []));
  if (frames.length > 0) {
    if (isTagged(task)) requireTags(rows, frames);
    requireWidth(frames[0]![0]?.length ?? 0, reading, 'the frames');
    // A model of an earlier version reads its input unscaled.
    const inputScaling = reading ? reading.inputScaling : frameScaling(frames, learned, dataset);
    return { inputs: joinVectors(frames, placeAt, dataset, inputScaling), inputScaling };
  }
  const texts = rows.map(({ text, symbols: given }) => given ?? text!);
  const known = { vocabulary: reading?.inputVocabulary, merges: reading?.inputMerges };
  const { symbols, vocabulary: inputVocabulary, merges: inputMerges } = tokenizeRows(texts, learned, task, known);
  if (isTagged(task)) requireTags(rows, symbols);
  const number = placedNumberer(inputVocabulary);
  const numbered = symbols.map((each, index) => each.map((symbol) => number(symbol, () => placeAt(index))));
  return { inputs: joinTokens(numbered, placeAt, dataset), inputVocabulary, inputMerges };
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
  decimal?: '.' | ',' | undefined;
}

function encodeAnswers(rows: readonly LabelledRow[], { task, dataset, reading }: How, split: ExampleSplit): Answers {
  const missing = rows.find(({ label, tags }) => (isTagged(task) ? tags : label) === undefined);
  if (missing)
    throw new DatasetError(
      `${missing.place}: ${task.kind} needs ${isTagged(task) ? '"tags", one class per step' : '"label", one target'}`,
    );
  if (tasks[task.kind].loss === 'error of a number') return numericAnswers(rows, split, reading);
  const known = reading?.targetVocabulary;
  if (isTagged(task)) {
    const targetVocabulary = known ? [...known] : classNames(rows.flatMap(({ tags }) => tags!));
    const placeAt = (index: number): string => rows[index]!.place;
    const number = namedNumberer(targetVocabulary);
    const numbered = rows.map(({ tags, place }) => tags!.map((tag) => number(tag, place)));
    return { targets: joinTokens(numbered, placeAt, dataset), targetVocabulary };
  }
  return namedClasses(
    rows.map(({ label, place }) => ({ label: label!, place })),
    known,
  );
}

/** Numbers, whose decimal mark is that of the data that a network was trained on where they do not say it. */
function numericAnswers(rows: readonly LabelledRow[], { train }: ExampleSplit, given: How['reading']): Answers {
  const cells = rows.map(({ label }) => label!).filter((label) => isNumeric(label));
  const own = chooseFormat(cells, undefined);
  requireOneUnit(cells, 'the target', (cell) => rows.find(({ label }) => label === cell)?.place);
  const isSure = typeof own === 'object' && own.isCertain;
  const verdict = given?.decimal === undefined || isSure ? own : chooseFormat(cells, given.decimal);
  const format = typeof verdict === 'object' ? verdict.format : ({ decimal: '.', thousands: undefined } as const);
  const raw = rows.map(({ label, place }) => {
    const value = parseNumber(label!.trim(), format);
    if (!Number.isFinite(value)) throw new DatasetError(`${place}: ${JSON.stringify(label)} is not a number`);
    return value;
  });
  const targetScaling = given?.targetScaling ?? standardScaling([Array.from(train, (index) => raw[index]!)]);
  const [shift, scale] = [targetScaling.shift[0]!, targetScaling.scale[0]!];
  const values = Float32Array.from(raw, (value) => (value - shift) / scale);
  const decimal = cells.some((cell) => /[.,]/.test(cell)) ? format.decimal : undefined;
  return { targets: { kind: 'numbers', width: 1, values }, targetScaling, decimal: given?.decimal ?? decimal };
}
