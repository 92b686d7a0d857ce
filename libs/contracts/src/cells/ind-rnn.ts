import type { CellDefinition } from './cell';

export const indRnn = {
  name: 'ind-rnn',
  description: 'RNN with relu in which each unit sees only its own state (Li et al. 2018).',
  states: ['h'],
  recurrence: 'vector',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: [],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
