import type { CellDefinition } from './cell';

export const lru = {
  name: 'lru',
  description:
    'Linear recurrent unit: a complex diagonal recurrence, followed by a gated linear unit (Orvieto et al. 2023).',
  states: ['re', 'im'],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: ['parallelScan'],
  isFused: false,
  onnx: undefined,
} as const satisfies CellDefinition;
