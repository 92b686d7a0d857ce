import type { CellDefinition } from './cell';

export const mlstm = {
  name: 'mlstm',
  description: 'LSTM of xLSTM whose heads remember by a matrix each, with exponential input gates (Beck et al. 2024).',
  states: ['C', 'n', 'm'],
  recurrence: 'none',
  hasForgetGate: true,
  readsBackwards: true,
  normalisesInput: false,
  // Units are divided among its heads.
  isPadded: false,
  options: ['heads'],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
