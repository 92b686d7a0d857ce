import type { SamplerDefinition } from './sampler';

export const grid = {
  algorithm: 'grid',
  description: 'grid runs the product of all grids once',
  learns: false,
  objectives: 'any',
} as const satisfies SamplerDefinition;
