import type { CellDefinition } from './cell';

export const slstm = {
  name: 'slstm',
  description: 'LSTM of xLSTM with an exponential input gate and a normaliser state, with one head (Beck et al. 2024).',
  states: ['h', 'c', 'n'],
  recurrence: 'matrix',
  hasForgetGate: true,
  readsBackwards: true,
  normalisesInput: false,
  // Without input its normaliser moves.
  isPadded: false,
  options: [],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
