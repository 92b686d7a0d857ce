import type { ClassReport } from '@unroll/contracts';
import type { ExampleData } from '@unroll/datasets';
import { classScores } from '../metrics/classification';
import type { Answer } from './task';

export type { ClassReport };

type ClassAnswer = Extract<Answer, { class: string }>;

/** Classes up to which the confusion matrix is given. */
const mostClasses = 100;
const mostWrong = 20;
/** Characters of an input that are shown. */
const mostText = 80;

/** The beginning of an input; undefined for numbers. */
function excerpt({ validation: { inputs }, inputVocabulary }: ExampleData, index: number): string | undefined {
  if (inputs.kind !== 'tokens' || !inputVocabulary) return undefined;
  const symbols = Array.from(
    inputs.ids.subarray(inputs.offsets[index], inputs.offsets[index + 1]),
    (id) => inputVocabulary[id]!,
  );
  const areCharacters = inputVocabulary.every((symbol) => symbol.startsWith('<') || [...symbol].length === 1);
  const text = symbols.join(areCharacters ? '' : ' ');
  return text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text;
}

/**
 * What became of each class in the validation part, from the answers to its examples in their order; undefined for a task without one
 * class per example. The rows that were most wrong are those whose right class got the lowest probability.
 */
export function classReport(data: ExampleData, answers: readonly Answer[]): ClassReport | undefined {
  const { targets, places } = data.validation;
  const names = data.targetVocabulary ?? [];
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
    confusion:
      names.length > mostClasses
        ? null
        : names.map((_, each) => Array.from(confusion.subarray(each * names.length, (each + 1) * names.length))),
    mostWrong: rows.map(({ index, ...row }) => {
      const text = excerpt(data, index);
      return { place: places?.[index] ?? `example ${index + 1}`, ...row, ...(text === undefined ? {} : { text }) };
    }),
  };
}
