import { readVectors, type Sequences } from '@unroll/datasets';

/**
 * Sequences side by side, the longest first, as the kernels read them: the rows of all steps one after the other, without those of
 * sequences that have ended.
 */
export interface SideBySide {
  /** The numbers of the sequences, in their order. */
  sequences: readonly number[];
  /** Of each of them. */
  lengths: readonly number[];
  /** Sequences that have each step, [step]. */
  counts: Int32Array;
  /** Rows before each step, [step + 1]. */
  begins: Int32Array;
}

/** Puts sequences side by side: at most as many, and of as many steps in all, as `most` says, but at least one. `lengths`: none 0. */
export function sideBySide(lengths: Int32Array, most: { sequences: number; steps: number }): SideBySide[] {
  const all = Array.from(lengths.keys()).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const parts: number[][] = [];
  let steps = 0;
  for (const sequence of all) {
    steps += lengths[sequence]!;
    const part = parts.at(-1);
    if (part && part.length < most.sequences && steps <= most.steps) part.push(sequence);
    else {
      parts.push([sequence]);
      steps = lengths[sequence]!;
    }
  }
  return parts.map((part) => joined(part, lengths));
}

function joined(sequences: readonly number[], all: Int32Array): SideBySide {
  const lengths = sequences.map((sequence) => all[sequence]!);
  const counts = new Int32Array(lengths[0]!);
  for (const length of lengths) for (let step = 0; step < length; step++) counts[step]!++;
  const begins = new Int32Array(counts.length + 1);
  counts.forEach((count, step) => (begins[step + 1] = begins[step]! + count));
  return { sequences, lengths, counts, begins };
}

/** What they read: token ids [row], or numbers [row, width]. */
export function rowsRead(inputs: Sequences, { sequences, begins }: SideBySide): Int32Array | Float32Array {
  const rows = begins.at(-1)!;
  if (inputs.kind === 'tokens') {
    const ids = new Int32Array(rows);
    sequences.forEach((sequence, place) => {
      const own = inputs.ids.subarray(inputs.offsets[sequence], inputs.offsets[sequence + 1]);
      for (let step = 0; step < own.length; step++) ids[begins[step]! + place] = own[step]!;
    });
    return ids;
  }
  const { width } = inputs;
  const x = new Float32Array(rows * width);
  sequences.forEach((sequence, place) => {
    const own = readVectors(inputs, sequence);
    for (let from = 0, step = 0; from < own.length; from += width, step++) {
      const to = (begins[step]! + place) * width;
      for (let at = 0; at < width; at++) x[to + at] = own[from + at]!;
    }
  });
  return x;
}

/** The row of a step of the sequence at `place`. */
export const rowOf = ({ begins }: SideBySide, place: number, step: number): number => begins[step]! + place;
