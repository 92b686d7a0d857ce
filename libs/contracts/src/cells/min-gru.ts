import type { CellDefinition } from './cell';

export const minGru = {
  name: 'min-gru',
  description: 'GRU whose gates see only the input, so that a parallel scan can compute it (Feng et al. 2024).',
  states: ['h'],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: false,
  options: ['parallelScan'],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
