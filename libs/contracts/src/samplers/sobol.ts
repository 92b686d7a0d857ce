import type { SamplerDefinition } from './sampler';

export const sobol = {
  algorithm: 'sobol',
  description: 'sobol covers the space more evenly than random sampling',
  learns: false,
  objectives: 'any',
} as const satisfies SamplerDefinition;
