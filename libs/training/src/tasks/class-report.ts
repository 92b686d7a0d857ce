import type { ClassReport, ShownTags } from '@unroll/contracts';
import { textOf, type ExampleData } from '@unroll/datasets';
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

/**
 * What became of each class in the validation part, from the answers to its examples in their order, or to their steps; undefined for a
 * task without classes. The rows that were most wrong are those whose right class got the lowest probability.
 */
export function classReport(data: ExampleData, answers: readonly Answer[]): ClassReport | undefined {
  const { targets, places } = data.validation;
  const names = data.targetVocabulary ?? [];
  if (targets.kind === 'tokens' && answers.length > 0 && 'tags' in answers[0]!)
    return tagReport(targets, names, answers);
  if (targets.kind !== 'classes' || names.length === 0) return undefined;
  const numbers = new Map(names.map((name, index) => [name, index]));
  const confusion = new Float64Array(names.length ** 2);
  const wrong = answers.flatMap((each, index) => {
    const { class: found, probabilities } = each as ClassAnswer;
    const right = targets.classes[index]!;
    confusion[right * names.length + numbers.get(found)!]! += 1;
    const probability = probabilities[names[right]!]!;
    return found === names[right] ? [] : [{ index, found, right: names[right]!, probability }];
  });
  const rows = wrong.sort((a, b) => a.probability - b.probability || a.index - b.index).slice(0, mostWrong);
  return {
    examples: answers.length,
    classes: classScores(confusion, names),
    confusion: rowsOf(confusion, names.length),
    mostWrong: rows.map(({ index, ...row }) => {
      const text = excerpt(data, index);
      return { place: places?.[index] ?? `example ${index + 1}`, ...row, ...(text === undefined ? {} : { text }) };
    }),
  };
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
