import type { SamplerDefinition } from './sampler';

export const nsgaIi = {
  algorithm: 'nsga-ii',
  description: 'nsga-ii evolves a population towards several objectives (Deb et al. 2002)',
  learns: true,
  objectives: 'several',
} as const satisfies SamplerDefinition;
