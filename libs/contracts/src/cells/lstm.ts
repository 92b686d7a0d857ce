import type { CellDefinition } from './cell';

export const lstm = {
  name: 'lstm',
  description: 'Long short-term memory; torch.nn.LSTM (Hochreiter & Schmidhuber 1997, Gers et al. 2000).',
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
