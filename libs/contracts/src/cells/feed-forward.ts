import type { CellDefinition } from './cell';

export const feedForward = {
  name: 'feed-forward',
  description: 'f(W x + b) at each step, f being tanh or relu, with no memory: a baseline for the others.',
  states: [],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: false,
  normalisesInput: false,
  // Padding would be correct here too, but models of this cell have always been trained at their own width.
  isPadded: false,
  options: ['nonlinearity'],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
