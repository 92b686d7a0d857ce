/** A long run of token numbers, in memory or on a disk. */
export interface TokenSource {
  readonly length: number;
  /** `count` tokens from `from` on, fewer at the end. What is returned may be a view and must not be written to. */
  read(from: number, count: number): Uint16Array;
}

/** A text that is ready for a language model, split by time. */
export interface TokenData {
  kind: 'tokens';
  /** Symbol of each token number. */
  vocabulary: readonly string[];
  /** What stands between two symbols where they are written one after the other: nothing, or a space. */
  separator: string;
  train: TokenSource;
  validation: TokenSource;
  test?: TokenSource | undefined;
}

/** Sequences of tokens or of vectors, end to end. Sequence i has the steps from offsets[i] up to offsets[i + 1]. */
export type Sequences =
  | { kind: 'tokens'; offsets: Int32Array; ids: Uint16Array }
  | { kind: 'vectors'; offsets: Int32Array; width: number; values: Float32Array };

/**
 * What is learned of each sequence: a class; `width` numbers; or a sequence of its own, which for tagging and frames is as long as
 * the input.
 */
export type Targets =
  { kind: 'classes'; classes: Int32Array } | { kind: 'numbers'; width: number; values: Float32Array } | Sequences;

export interface Examples {
  count: number;
  inputs: Sequences;
  targets: Targets;
}

/** How numbers were scaled, fitted on the training part alone: normalised = (value − shift) / scale, a column each. */
export interface Scaling {
  shift: readonly number[];
  scale: readonly number[];
}

/**
 * Examples that are ready for a task. Where a decoder writes the targets, targetVocabulary begins with <start>, <end> and <unknown>, and each
 * target ends with <end>; <start> is no target. For a transcription targetVocabulary[0] is <blank>, the blank of CTC, which is no target either,
 * and targets have no end symbol.
 */
export interface ExampleData {
  kind: 'examples';
  /** Symbols of the input's tokens; undefined where inputs are vectors. */
  inputVocabulary?: readonly string[] | undefined;
  /** Names of the classes or tags; undefined where targets are numbers. */
  targetVocabulary?: readonly string[] | undefined;
  /** Names of the input's columns, of vectors. */
  columns?: readonly string[] | undefined;
  inputScaling?: Scaling | undefined;
  targetScaling?: Scaling | undefined;
  train: Examples;
  validation: Examples;
  test?: Examples | undefined;
}

/** Trees, end to end. Tree i has the nodes from offsets[i] up to offsets[i + 1], children before their parent, the root last. */
export interface Trees {
  count: number;
  offsets: Int32Array;
  /** The word of each leaf, −1 for an inner node. [node] */
  words: Int32Array;
  /** The class of each node. [node] */
  labels: Int32Array;
  /** Node n has the children from childOffsets[n] up to childOffsets[n + 1]; a leaf has none. [node + 1] */
  childOffsets: Int32Array;
  /** Nodes, counted from the first of their tree, in the order in which they stand. */
  children: Int32Array;
}

/** Trees whose nodes have classes, ready for a network that reads along their structure. */
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

/** A data set, prepared for a trial's task, split and reading. */
export type PreparedData = TokenData | ExampleData | TreeData;

/** A data set that cannot serve what is asked of it. The message is one line. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

/** Tokens that are at hand. */
export const tokensInMemory = (tokens: Uint16Array): TokenSource => ({
  length: tokens.length,
  read: (from, count) => tokens.subarray(from, from + count),
});
