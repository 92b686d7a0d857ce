import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError, tokensInMemory, type TokenData } from '../data';
import { splitByTime, type Stretch } from '../split';
import { numberer, separatorOf, symbolsOf, vocabularyOf, type Tokens } from './symbols';

/** Bytes as text. A byte order mark is left out. @throws DatasetError for bytes that are not UTF-8, or none */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new DatasetError('the data set is empty');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError('the text is not valid UTF-8: convert it, for example with iconv');
  }
}

/**
 * A text as numbered tokens, split by time. Words are numbered by their frequency in the training part alone.
 * @throws DatasetError for a text that is too short
 */
export function prepareText(
  text: string,
  { tokens, vocabulary: most }: { tokens: Tokens; vocabulary: number },
  dataset: Pick<DatasetSpec, 'split' | 'splitSeed' | 'fold'>,
): TokenData {
  const symbols = symbolsOf(text, tokens);
  const { train, validation, test } = splitByTime(symbols.length, dataset);
  const part = ({ begin, end }: Stretch): string[] => symbols.slice(begin, end);
  const learned = train.flatMap(part);
  // A character that is only held out still needs a number; a word has <unknown>.
  const vocabulary = vocabularyOf(tokens === 'character' ? symbols : learned, tokens, most);
  const number = numberer(vocabulary);
  const source = (part: readonly string[], what: string) => {
    if (part.length < 2)
      throw new DatasetError(
        `the text has ${symbols.length} ${tokens}s, too few to have a ${what} part of ${dataset.split.validation}`,
      );
    return tokensInMemory(Uint16Array.from(part, number));
  };
  return {
    kind: 'tokens',
    vocabulary,
    separator: separatorOf(tokens),
    train: source(learned, 'training'),
    validation: source(part(validation), 'validation'),
    test: test && source(part(test), 'test'),
  };
}
