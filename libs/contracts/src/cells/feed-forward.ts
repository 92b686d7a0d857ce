import type { CellDefinition } from './cell';

export const feedForward = {
  name: 'feed-forward',
  description: 'f(W x + b) at each step, f being tanh or relu, with no memory: a baseline for the others.',
  states: [],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: false,
  normalisesInput: false,
  // A unit of zeros would stay at 0 here too; models were trained at their own width from the start.
  isPadded: false,
  options: ['nonlinearity'],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
