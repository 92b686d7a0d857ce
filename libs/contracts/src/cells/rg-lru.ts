import type { CellDefinition } from './cell';

export const rgLru = {
  name: 'rg-lru',
  description:
    'Real-gated linear recurrent unit of Griffin: a decay for each unit, which a gate slows down (De et al. 2024).',
  states: ['h'],
  recurrence: 'none',
  hasForgetGate: false,
  readsBackwards: true,
  normalisesInput: false,
  isPadded: true,
  options: ['parallelScan'],
  isFused: true,
  onnx: undefined,
} as const satisfies CellDefinition;
