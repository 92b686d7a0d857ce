import type { CellDefinition } from './cell';

export const transformer = {
  name: 'transformer',
  description: 'Causal self-attention and a feed-forward part, pre-norm (Vaswani et al. 2017, Xiong et al. 2020).',
  states: [],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: false,
  normalisesInput: true,
  isPadded: false,
  options: ['heads'],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
