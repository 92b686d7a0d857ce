import type { DatasetKind } from '@unroll/contracts';
import { stream, type Stream } from '@unroll/random';

/** A built-in data set that is generated. */
export interface Generated {
  name: string;
  kind: DatasetKind;
  description: string;
  steps: number;
  /** Minimum number of steps (default: 1), and maximum, if any. */
  leastSteps?: number;
  mostSteps?: number;
  sequences: number;
  /** Fingerprint and size of the content with these default options. They identify the generator: a spec holds it to them. */
  original: { fingerprint: string; bytes: number };
  /** The content as a file, deterministic in the options. */
  text: (options: { steps: number; sequences: number }) => string;
}

/** `count` lines, each from its own part of the random stream: uniform numbers in [0, 1), by index. */
export const lines = (count: number, line: (uniform: (index: number) => number) => string): string =>
  Array.from({ length: count }, (_, sequence) => line((index) => random().uniform(sequence, index))).join('\n');

/** `count` objects as JSON lines. */
export const jsonLines = (count: number, row: (uniform: (index: number) => number) => object): string =>
  lines(count, (uniform) => JSON.stringify(row(uniform)));

let opened: Stream | undefined;
/** A fixed seed: a data set is the same everywhere. */
const random = (): Stream => (opened ??= stream(0x5eed, 'data'));

/** Rounds to four decimals, to keep files small. */
export const short = (value: number): number => Math.round(value * 1e4) / 1e4;
