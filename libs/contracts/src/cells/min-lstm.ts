import type { CellDefinition } from './cell';

export const minLstm = {
  name: 'min-lstm',
  description: 'LSTM whose gates see only the input, so that a parallel scan can compute it (Feng et al. 2024).',
  states: ['h'],
  recurrence: 'none',
  hasForgetGate: true,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: false,
  options: ['parallelScan'],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
