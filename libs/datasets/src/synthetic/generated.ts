import { stream, type Stream } from '@unroll/random';

/** A built-in data set that is made, not read. */
export interface Generated {
  name: string;
  kind: 'labelled' | 'series';
  description: string;
  steps: number;
  sequences: number;
  /** The file that it would be; the same for the same numbers. */
  text(options: { steps: number; sequences: number }): string;
}

/** Every sequence from a part of the stream of its own: `count` JSON lines. */
export const jsonLines = (count: number, row: (uniform: (index: number) => number) => object): string =>
  Array.from({ length: count }, (_, sequence) =>
    JSON.stringify(row((index) => random().uniform(sequence, index))),
  ).join('\n');

let opened: Stream | undefined;
/** One seed for all: a data set is the same wherever it is made. */
const random = (): Stream => (opened ??= stream(0x5eed, 'data'));

/** A number with four decimals, so that files stay small. */
export const short = (value: number): number => Math.round(value * 1e4) / 1e4;
