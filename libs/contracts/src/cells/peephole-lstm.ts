import type { CellDefinition } from './cell';

export const peepholeLstm = {
  name: 'peephole-lstm',
  description: 'LSTM whose gates also see the cell state (Gers & Schmidhuber 2000).',
  states: ['h', 'c'],
  recurrence: 'matrix',
  hasForgetGate: true,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: [],
  isFused: true,
  onnx: 'LSTM',
} as const satisfies CellDefinition;
