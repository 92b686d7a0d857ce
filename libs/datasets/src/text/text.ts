import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError, type TokenData, type TokenSource } from '../prepared/data';
import { byteLength, type DataSource } from '../source/data-source';
import { splitByTime, type Stretch, type TimeSplit } from '../prepared/split';
import { characters, words, type Alphabet } from './alphabet';
import { readPieces, usualPiece } from './pieces';
import { separatorFor, type Tokens } from './symbols';
import { storeInMemory, storeOnDisk, concatenated } from './token-store';

/** Memory limits for a text. */
export interface TextMemory {
  /** Size of a text in bytes above which its tokens are stored in a temporary file. */
  inMemory: number;
  /** Bytes of a text read at once. */
  piece: number;
}

const usualMemory: TextMemory = { inMemory: 64 * 2 ** 20, piece: usualPiece };

/**
 * A text as token IDs, split by time; words are numbered by frequency in the training part only. The text is read in passes and in
 * chunks, so that gigabytes take no more memory than a short one. `given`: a fixed vocabulary.
 * @throws DatasetError for a text that is empty, too short, or not UTF-8
 */
export function prepareText(
  source: DataSource,
  { tokens, vocabulary }: { tokens: Tokens; vocabulary: number },
  dataset: Pick<DatasetSpec, 'split' | 'splitSeed' | 'fold'>,
  memory: TextMemory = usualMemory,
  given?: readonly string[],
): TokenData {
  if (byteLength(source) === 0) throw new DatasetError('the data set is empty');
  const encoded =
    tokens === 'character'
      ? encode(characters(given), source, { tokens, dataset, memory })
      : encode(words(vocabulary, given), source, { tokens, dataset, memory });
  return { kind: 'tokens', separator: separatorFor(tokens), ...encoded };
}

interface How {
  tokens: Tokens;
  dataset: Pick<DatasetSpec, 'split' | 'splitSeed' | 'fold'>;
  memory: TextMemory;
}

function encode<Symbols extends { length: number }>(
  alphabet: Alphabet<Symbols>,
  source: DataSource,
  how: How,
): Omit<TokenData, 'kind' | 'separator'> {
  const { tokens, memory } = how;
  const read = () => alphabet.symbols(readPieces(source, memory.piece));
  // A character that occurs only in held-out text still needs an ID, so the first pass counts all of it; a word has <unknown>.
  let length = 0;
  for (const symbols of read()) {
    if (tokens === 'character') alphabet.count(symbols, 0, symbols.length);
    length += symbols.length;
  }
  const split = splitText(length, how);
  if (tokens === 'word') countLearned(alphabet, read(), split.train);
  const vocabulary = alphabet.vocabulary();
  const store = byteLength(source) > memory.inMemory ? storeOnDisk(length) : storeInMemory(length);
  for (const symbols of read()) store.append(alphabet.encode(symbols));
  const all = store.source();
  const part = (...stretches: Stretch[]): TokenSource => concatenated(all, stretches);
  return {
    vocabulary,
    train: part(...split.train),
    validation: part(split.validation),
    test: split.test && part(split.test),
  };
}

/** @throws DatasetError for a part with fewer than two tokens */
function splitText(length: number, { tokens, dataset }: How): TimeSplit {
  const split = splitByTime(length, dataset);
  const parts: [string, readonly Stretch[]][] = [
    ['training', split.train],
    ['validation', [split.validation]],
    ...(split.test ? [['test', [split.test]] as [string, Stretch[]]] : []),
  ];
  for (const [what, stretches] of parts)
    if (stretches.reduce((sum, { begin, end }) => sum + end - begin, 0) < 2)
      throw new DatasetError(
        `the text has ${length} ${tokens}s, too few for a ${what} part of ${sizeIn(what, dataset)}`,
      );
  return split;
}

function sizeIn(what: string, { split, fold }: How['dataset']): string {
  if (what === 'test') return String(split.test);
  return fold ? `${fold.of} folds` : String(split.validation);
}

function countLearned<Symbols extends { length: number }>(
  alphabet: Alphabet<Symbols>,
  pieces: Iterable<Symbols>,
  learned: readonly Stretch[],
): void {
  let before = 0;
  for (const symbols of pieces) {
    for (const { begin, end } of learned)
      alphabet.count(symbols, Math.max(0, begin - before), Math.min(symbols.length, end - before));
    before += symbols.length;
  }
}
