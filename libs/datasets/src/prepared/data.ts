import type { Tokens } from './tokens';
import type { Clock, Span } from './rows';

/** The held-out parts that data define themselves: they say which rows are for what. */
export interface OwnParts {
  validation: boolean;
  test: boolean;
}

/** A long sequence of token IDs, in memory or on disk. */
export interface TokenSource {
  readonly length: number;
  /** `count` tokens starting at `from`, fewer at the end. The result may be a view and must not be modified. */
  read(from: number, count: number): Uint16Array;
}

/** A text prepared for a language model, split by time. */
export interface TokenData {
  kind: 'tokens';
  /** The symbol of each token ID. */
  vocabulary: readonly string[];
  /** What a token is. */
  tokens: Tokens;
  /** Of subwords: the merges, in order. */
  merges?: readonly string[] | undefined;
  /** Of subwords: the tokens that a text is cut at first. */
  added?: readonly string[] | undefined;
  train: TokenSource;
  validation: TokenSource;
  test?: TokenSource | undefined;
  /** Characters of the held-out parts after their first token; undefined for words, which are not all of a text. */
  characters?: { validation: number; test?: number | undefined } | undefined;
}

/** Where overlapping sequences are, and what each of them normalises by itself. */
export interface Windows {
  /** The step in `values` at which each sequence begins; its length is that of its offsets. [sequence] */
  begins: Int32Array;
  /** These columns are (value − shift) / scale, which are [sequence · columns]. */
  columns: readonly number[];
  shift: Float32Array;
  scale: Float32Array;
}

/**
 * Concatenated sequences of tokens or vectors. Sequence i has the steps offsets[i] to offsets[i + 1] − 1; with `windows`, as many steps
 * from windows.begins[i] on.
 */
export type Sequences =
  | { kind: 'tokens'; offsets: Int32Array; ids: Uint16Array }
  | { kind: 'vectors'; offsets: Int32Array; width: number; values: Float32Array; windows?: Windows | undefined };

/** The values of sequence `index` from its step `from` on, [step · width]; a view where it normalises nothing. */
export function readVectors(
  { offsets, width, values, windows }: Extract<Sequences, { kind: 'vectors' }>,
  index: number,
  from = 0,
): Float32Array {
  const [begin, length] = [windows?.begins[index] ?? offsets[index]!, offsets[index + 1]! - offsets[index]!];
  const plain = values.subarray((begin + from) * width, (begin + length) * width);
  if (!windows || windows.columns.length === 0) return plain;
  const own = plain.slice();
  windows.columns.forEach((column, place) => {
    const at = index * windows.columns.length + place;
    const [shift, scale] = [windows.shift[at]!, windows.scale[at]!];
    for (let step = column; step < own.length; step += width) own[step] = (own[step]! - shift) / scale;
  });
  return own;
}

/**
 * The targets of each sequence: a class; `width` numbers; or a sequence, which for tagging and frames is as long as the input.
 */
export type Targets =
  | { kind: 'classes'; classes: Int32Array }
  | { kind: 'numbers'; width: number; values: Float32Array }
  | Sequences;

/**
 * What turns the outputs for windows of series into forecasts of one target in the unit of the data: output · scale + shift; with a
 * reference, the value that it names takes the place of the shift. An entry of an array is a window.
 */
export interface ForecastUnits {
  /** The column that is forecast. */
  target: string;
  /** The target, all series one after the other, in the unit of the data. */
  truth: Float64Array;
  /** What is learned of it: itself, or its logarithms, which forecasts come back from. */
  learned: Float64Array;
  isLogarithmic: boolean;
  /** Whether forecasts are counts, to which they are rounded. */
  isOfCounts?: boolean;
  /** The first row that each window forecasts. */
  starts: Int32Array;
  shift: Float64Array;
  scale: Float64Array;
  reference: 'none' | 'last' | 'season';
  season: number;
  /** Mean absolute error of the seasonal naive forecast over the earlier rows of its series, for MASE; NaN for none. */
  naive: Float64Array;
  /** The rows of each series, and their times if they have them. */
  spans: readonly Span[];
  clock?: Clock | undefined;
}

export interface Examples {
  count: number;
  inputs: Sequences;
  targets: Targets;
  /** Where each is in its file, for people; undefined where nothing says it. */
  places?: readonly string[] | undefined;
  /** Of windows of series: of each target, whose numbers follow each other. */
  units?: readonly ForecastUnits[] | undefined;
}

/** Normalisation per column, fitted on the training part only: normalised = (value − shift) / scale. */
export interface Scaling {
  shift: readonly number[];
  scale: readonly number[];
}

/**
 * Examples prepared for a task. For a decoder, targetVocabulary begins with <start>, <end> and <unknown>, and each target ends with
 * <end>; <start> is never a target. For a transcription, targetVocabulary[0] is <blank>, the CTC blank, which is never a target
 * either, and targets have no end symbol.
 */
export interface ExampleData {
  kind: 'examples';
  /** Symbols of the input tokens; undefined for vector inputs. */
  inputVocabulary?: readonly string[] | undefined;
  /** Of subwords: the merges, in order. */
  inputMerges?: readonly string[] | undefined;
  targetMerges?: readonly string[] | undefined;
  /** Names of the classes or tags; undefined for numeric targets. */
  targetVocabulary?: readonly string[] | undefined;
  /** Names of the input columns, for vector inputs. */
  columns?: readonly string[] | undefined;
  /** The column of a table that the texts, or the sources of pairs, were read from. */
  textColumn?: string | undefined;
  /** Samples per second of recordings. */
  sampleRate?: number | undefined;
  /** The categories of each column of a series that has some. */
  categories?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The calendar features of a series. */
  calendar?: readonly string[] | undefined;
  /** What forecasts are added to, where that was left to a test for trend. */
  reference?: 'none' | 'last' | undefined;
  /** What is learned of the targets of a series, where that was left to a test of how they spread. */
  transform?: 'none' | 'log' | undefined;
  /** How the times and numbers of a series were written. */
  timeFormat?: string | undefined;
  decimal?: '.' | ',' | undefined;
  inputScaling?: Scaling | undefined;
  targetScaling?: Scaling | undefined;
  train: Examples;
  validation: Examples;
  test?: Examples | undefined;
  /** The held-out parts that the data define themselves; undefined where they were split. */
  ownParts?: OwnParts | undefined;
}

/** Concatenated trees. Tree i has the nodes offsets[i] to offsets[i + 1] − 1, children before their parent and the root last. */
export interface Trees {
  count: number;
  offsets: Int32Array;
  /** The word of each leaf; −1 for inner nodes. [node] */
  words: Int32Array;
  /** The class of each node. [node] */
  labels: Int32Array;
  /** Node n has the children childOffsets[n] to childOffsets[n + 1] − 1; a leaf has none. [node + 1] */
  childOffsets: Int32Array;
  /** Child nodes, as indices relative to the first node of the tree, in textual order. */
  children: Int32Array;
  /** Where each tree is in its file; undefined where nobody asks. */
  places?: readonly string[] | undefined;
}

/** Trees with a class per node, prepared for a recursive network. */
export interface TreeData {
  kind: 'trees';
  /** Words, <unknown> first. */
  inputVocabulary: readonly string[];
  /** Names of the classes, sorted. */
  targetVocabulary: readonly string[];
  train: Trees;
  validation: Trees;
  test?: Trees | undefined;
}

/** A data set prepared for a trial's task, split and reading. */
export type PreparedData = TokenData | ExampleData | TreeData;

/** A data set that is invalid or does not fit the task. The message is one line. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';

  /** `option`: the option of a trial that mends it, by its path; undefined if the data themselves must change. */
  constructor(
    message: string,
    readonly option?: string,
  ) {
    super(message);
  }
}

/** A token source over an array in memory. */
export const tokensInMemory = (tokens: Uint16Array): TokenSource => ({
  length: tokens.length,
  read: (from, count) => tokens.subarray(from, from + count),
});
