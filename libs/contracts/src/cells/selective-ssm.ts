import type { CellDefinition } from './cell';

export const selectiveSsm = {
  name: 'selective-ssm',
  description: 'Selective state space of Mamba, with a diagonal A of 16 states for each unit (Gu & Dao 2023).',
  states: ['s'],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: [],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
