import type { ClassReport, ShownTags } from '@unroll/contracts';
import { textOf, type ExampleData, type TreeData } from '@unroll/datasets';
import { classScores } from '../metrics/classification';
import type { Answer } from './task';

export type { ClassReport };

type ClassAnswer = Extract<Answer, { class: string }>;
type TagsAnswer = Extract<Answer, { tags: string[] }>;

/** Classes up to which the confusion matrix is given. */
const mostClasses = 100;
const mostWrong = 20;
/** Characters of an input that are shown. */
const mostText = 80;

/** The symbols of an input; undefined for numbers. */
function symbolsOf({ validation: { inputs }, inputVocabulary }: ExampleData, index: number): string[] | undefined {
  if (inputs.kind !== 'tokens' || !inputVocabulary) return undefined;
  return Array.from(
    inputs.ids.subarray(inputs.offsets[index], inputs.offsets[index + 1]),
    (id) => inputVocabulary[id]!,
  );
}

/** The beginning of an input; undefined for numbers. */
function excerpt(data: ExampleData, index: number): string | undefined {
  const symbols = symbolsOf(data, index);
  if (!symbols) return undefined;
  if (data.inputMerges) return shortened(textOf(symbols, 'subword'));
  const areCharacters = data.inputVocabulary!.every((symbol) => symbol.startsWith('<') || [...symbol].length === 1);
  return shortened(symbols.join(areCharacters ? '' : ' '));
}

const shortened = (text: string): string => (text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text);

/** The answers of each true class in a row; null for too many. */
const rowsOf = (confusion: Float64Array, classes: number): number[][] | null =>
  classes > mostClasses
    ? null
    : Array.from({ length: classes }, (_, each) => [...confusion.subarray(each * classes, (each + 1) * classes)]);

/** The report of the steps of tagged sequences; their answers have no probabilities by which some are most wrong. */
function tagReport(
  { offsets, ids }: { offsets: Int32Array; ids: Uint16Array },
  names: readonly string[],
  answers: readonly Answer[],
): ClassReport {
  const numbers = new Map(names.map((name, index) => [name, index]));
  const confusion = new Float64Array(names.length ** 2);
  answers.forEach((answer, index) =>
    (answer as TagsAnswer).tags.forEach((tag, step) => {
      confusion[ids[offsets[index]! + step]! * names.length + numbers.get(tag)!]! += 1;
    }),
  );
  return {
    examples: offsets[answers.length]!,
    classes: classScores(confusion, names),
    confusion: rowsOf(confusion, names.length),
    mostWrong: [],
  };
}

/** What has classes: their names, the right one of each, and where it is and how it begins. */
interface Classed {
  names: readonly string[];
  right: ArrayLike<number>;
  describe: (index: number) => { place: string | undefined; text: string | undefined };
}

/** The report of answers with probabilities. */
function classedReport({ names, right, describe }: Classed, answers: readonly Answer[]): ClassReport {
  const numbers = new Map(names.map((name, index) => [name, index]));
  const confusion = new Float64Array(names.length ** 2);
  const wrong = answers.flatMap((each, index) => {
    const { class: found, probabilities } = each as ClassAnswer;
    const own = right[index]!;
    confusion[own * names.length + numbers.get(found)!]! += 1;
    const probability = probabilities[names[own]!]!;
    return found === names[own] ? [] : [{ index, found, right: names[own]!, probability }];
  });
  const rows = wrong.sort((a, b) => a.probability - b.probability || a.index - b.index).slice(0, mostWrong);
  return {
    examples: answers.length,
    classes: classScores(confusion, names),
    confusion: rowsOf(confusion, names.length),
    mostWrong: rows.map(({ index, ...row }) => {
      const { place, text } = describe(index);
      return { place: place ?? `example ${index + 1}`, ...row, ...(text === undefined ? {} : { text }) };
    }),
  };
}

/** The report of the roots of trees. */
function rootReport(
  { validation, targetVocabulary, inputVocabulary }: TreeData,
  answers: readonly Answer[],
): ClassReport {
  const { offsets, labels, words, places } = validation;
  const leaves = (tree: number): string[] =>
    Array.from(words.subarray(offsets[tree], offsets[tree + 1]))
      .filter((word) => word >= 0)
      .map((word) => inputVocabulary[word]!);
  return classedReport(
    {
      names: targetVocabulary,
      right: Array.from(offsets.subarray(1), (end) => labels[end - 1]!),
      describe: (tree) => ({ place: places?.[tree], text: shortened(leaves(tree).join(' ')) }),
    },
    answers,
  );
}

/**
 * What became of each class in the validation part, from the answers to its examples in their order, or to their steps; of trees, of the
 * classes of their roots; undefined for a task without classes. The rows that were most wrong are those whose right class got the lowest
 * probability.
 */
export function classReport(data: ExampleData | TreeData, answers: readonly Answer[]): ClassReport | undefined {
  if (data.kind === 'trees') return rootReport(data, answers);
  const { targets, places } = data.validation;
  const names = data.targetVocabulary ?? [];
  if (targets.kind === 'tokens' && answers.length > 0 && 'tags' in answers[0]!)
    return tagReport(targets, names, answers);
  if (targets.kind !== 'classes' || names.length === 0) return undefined;
  const describe = (index: number) => ({ place: places?.[index], text: excerpt(data, index) });
  return classedReport({ names, right: targets.classes, describe }, answers);
}

/** Sequences and their steps that are shown. */
const mostSequences = 12;
const mostSteps = 100;

/** Tagged sequences of the validation part, those with the most wrong tags first; nothing for other tasks. */
export function shownTags(data: ExampleData, answers: readonly Answer[]): { tagged?: ShownTags } {
  const { targets, places } = data.validation;
  const names = data.targetVocabulary ?? [];
  if (targets.kind !== 'tokens' || answers.length === 0 || !('tags' in answers[0]!)) return {};
  const all = answers.map((answer, index) => {
    const right = Array.from(
      targets.ids.subarray(targets.offsets[index], targets.offsets[index + 1]),
      (id) => names[id]!,
    );
    const found = (answer as TagsAnswer).tags;
    return { index, right, found, wrong: found.filter((tag, step) => tag !== right[step]).length };
  });
  const shown = all.sort((a, b) => b.wrong - a.wrong || a.index - b.index).slice(0, mostSequences);
  const examples = shown.map(({ index, right, found }) => {
    const symbols = symbolsOf(data, index)?.slice(0, mostSteps);
    return {
      place: places?.[index] ?? `example ${index + 1}`,
      ...(symbols ? { symbols } : {}),
      right: right.slice(0, mostSteps),
      found: found.slice(0, mostSteps),
    };
  });
  return { tagged: { tags: [...names], examples } };
}
