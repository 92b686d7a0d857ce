import type { DatasetSpec } from '@unroll/contracts';
import { DatasetError, type TokenData, type TokenSource } from '../prepared/data';
import { byteLength, type DataSource } from '../source/data-source';
import { splitByTime, type Stretch, type TimeSplit } from '../prepared/split';
import { characters, words, type Alphabet } from './alphabet';
import { readPieces, usualPiece } from './pieces';
import { countCharacters, subwordText } from './subword-text';
import type { Tokens } from '../prepared/tokens';
import type { KnownTokens, Tokenization } from './tokenizer';
import { storeInMemory, storeOnDisk, concatenated, type TokenStore } from './token-store';

/** Memory limits for a text. */
export interface TextMemory {
  /** Size of a text in bytes above which its tokens are stored in a temporary file. */
  inMemory: number;
  /** Bytes of a text read at once. */
  piece: number;
}

const usualMemory: TextMemory = { inMemory: 64 * 2 ** 20, piece: usualPiece };

/**
 * A text as token IDs, split by time; words are numbered by frequency in the training part only, and subwords learned from it. The text is
 * read in passes and in chunks, so that gigabytes take no more memory than a short one. `known`: the tokens of a trained network.
 * @throws DatasetError for a text that is empty, too short, or not UTF-8
 */
export function prepareText(
  source: DataSource,
  { tokens, vocabulary }: Tokenization,
  dataset: Pick<DatasetSpec, 'split' | 'splitSeed' | 'fold'>,
  memory: TextMemory = usualMemory,
  known: KnownTokens = {},
): TokenData {
  if (byteLength(source) === 0) throw new DatasetError('the data set is empty');
  const how = { tokens, dataset, memory };
  if (tokens === 'subword') return { kind: 'tokens', tokens, ...encodeSubwords(source, vocabulary, known, how) };
  if (tokens === 'word') return { kind: 'tokens', tokens, ...encode(words(vocabulary, known.vocabulary), source, how) };
  const data = encode(characters(known.vocabulary), source, how);
  const targets = { validation: data.validation.length - 1, test: data.test && data.test.length - 1 };
  return { kind: 'tokens', tokens, ...data, characters: targets };
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
): Omit<TokenData, 'kind' | 'tokens'> {
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
  const store = storeFor(source, length, memory);
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

/** A store for at most `length` tokens. */
const storeFor = (source: DataSource, length: number, { inMemory }: TextMemory): TokenStore =>
  byteLength(source) > inMemory ? storeOnDisk(length) : storeInMemory(length);

function encodeSubwords(
  source: DataSource,
  vocabulary: number,
  known: KnownTokens,
  how: How,
): Omit<TokenData, 'kind' | 'tokens'> {
  const read = (): Iterable<string> => readPieces(source, how.memory.piece);
  let length = 0;
  for (const piece of read()) length += countCharacters(piece);
  const split = splitText(length, { ...how, tokens: 'character' });
  // A token has at least one byte, and parts overlap only where all of a text is measured.
  const store = storeFor(source, byteLength(source), how.memory);
  return subwordText({ read, split, vocabulary, known, store });
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
