/**
 * The cells of the kernels `scan` and `scanGradient`, in which a unit sees no other one: in the order of their numbers in
 * native/kernels.h.
 */
export const scanCells = ['linear', 'lru', 'min-gru', 'min-lstm', 'ind-rnn', 'rg-lru'] as const;
export type ScanCell = (typeof scanCells)[number];

/** Numbers for each unit: what a step reads, weights, states. Each is a block of `hidden` columns. */
export interface ScanBlocks {
  inputs: number;
  weights: number;
  states: number;
}

export const scanBlocks: Readonly<Record<ScanCell, ScanBlocks>> = {
  linear: { inputs: 2, weights: 0, states: 1 },
  lru: { inputs: 2, weights: 2, states: 2 },
  'min-gru': { inputs: 2, weights: 0, states: 1 },
  'min-lstm': { inputs: 3, weights: 0, states: 1 },
  'ind-rnn': { inputs: 1, weights: 1, states: 1 },
  'rg-lru': { inputs: 3, weights: 1, states: 1 },
};
