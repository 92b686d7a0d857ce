import type { CellDefinition } from './cell';

export const gru = {
  name: 'gru',
  description: 'Gated recurrent unit with the reset gate after the recurrent product; torch.nn.GRU (Cho et al. 2014).',
  states: ['h'],
  recurrence: 'matrix',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: [],
  isFused: true,
  onnx: 'GRU',
} as const satisfies CellDefinition;
