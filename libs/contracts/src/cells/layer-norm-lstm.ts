import type { CellDefinition } from './cell';

export const layerNormLstm = {
  name: 'layer-norm-lstm',
  description: 'LSTM with layer normalisation of its products and of its cell state (Ba et al. 2016).',
  states: ['h', 'c'],
  recurrence: 'matrix',
  hasForgetGate: true,
  readsBackwards: true,
  normalisesInput: true,
  isPadded: false,
  options: [],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
