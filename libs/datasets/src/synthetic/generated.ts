import type { DatasetKind } from '@unroll/contracts';
import { stream, type Stream } from '@unroll/random';

/** A built-in data set that is made, not read. */
export interface Generated {
  name: string;
  kind: DatasetKind;
  description: string;
  steps: number;
  /** Fewest steps that make sense, 1 where it is not given; and most, where there is an end. */
  leastSteps?: number;
  mostSteps?: number;
  sequences: number;
  /** The file that it would be; the same for the same numbers. */
  text: (options: { steps: number; sequences: number }) => string;
}

/** `count` lines, each from a part of the stream of its own: numbers from 0 up to 1, by their index. */
export const lines = (count: number, line: (uniform: (index: number) => number) => string): string =>
  Array.from({ length: count }, (_, sequence) => line((index) => random().uniform(sequence, index))).join('\n');

/** The same of objects: JSON lines. */
export const jsonLines = (count: number, row: (uniform: (index: number) => number) => object): string =>
  lines(count, (uniform) => JSON.stringify(row(uniform)));

let opened: Stream | undefined;
/** One seed for all: a data set is the same wherever it is made. */
const random = (): Stream => (opened ??= stream(0x5eed, 'data'));

/** A number with four decimals, so that files stay small. */
export const short = (value: number): number => Math.round(value * 1e4) / 1e4;
