import type { CellDefinition } from './cell';

export const rnn = {
  name: 'rnn',
  description: "h' = f(W x + U h + b), f being tanh or relu; torch.nn.RNN (Elman 1990).",
  states: ['h'],
  recurrence: 'matrix',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: ['nonlinearity'],
  isFused: true,
  onnx: 'RNN',
} as const satisfies CellDefinition;
