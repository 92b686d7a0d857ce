import type { StepKind } from '@unroll/contracts';
import type { ExampleData, Examples, PreparedData, Targets } from './prepared/data';

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;

/** What a network reads at each step. */
export function stepKind(data: PreparedData): StepKind {
  if (data.kind === 'tokens' || data.kind === 'trees') return 'tokens';
  return data.train.inputs.kind === 'tokens' ? 'tokens' : 'numbers';
}

/** What prepared data are, on one line for people: how many, of which lengths, and what is predicted. */
export function describeData(data: PreparedData): string {
  if (data.kind === 'tokens') {
    const length = data.train.length + data.validation.length + (data.test?.length ?? 0);
    return `read ${counted(length, data.tokens)}, ${data.vocabulary.length.toLocaleString('en-US')} different`;
  }
  const parts = [data.train, data.validation, ...(data.test ? [data.test] : [])];
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  if (data.kind === 'trees') return `read ${counted(count, 'tree')} with ${data.targetVocabulary.length} classes`;
  const [least, most] = lengths(parts as Examples[]);
  const { inputs, targets } = data.train;
  const width = inputs.kind === 'vectors' ? ` of ${counted(inputs.width, 'number')}` : '';
  return `read ${counted(count, 'sequence')} of ${least} to ${most} steps${width}; ${answers(targets, data)}`;
}

function lengths(parts: readonly Examples[]): [least: number, most: number] {
  let [least, most] = [Infinity, 0];
  for (const { inputs, count } of parts)
    for (let index = 0; index < count; index++) {
      const length = inputs.offsets[index + 1]! - inputs.offsets[index]!;
      [least, most] = [Math.min(least, length), Math.max(most, length)];
    }
  return [least, most];
}

function answers(targets: Targets, { targetVocabulary = [] }: ExampleData): string {
  if (targets.kind === 'numbers') return `targets of ${counted(targets.width, 'number')}`;
  if (targets.kind === 'classes')
    return `${targetVocabulary.length} classes (${targetVocabulary.slice(0, 6).join(', ')}${targetVocabulary.length > 6 ? ', ...' : ''})`;
  return `targets of ${targetVocabulary.length} symbols`;
}
