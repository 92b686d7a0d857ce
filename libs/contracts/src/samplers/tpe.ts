import type { SamplerDefinition } from './sampler';

export const tpe = {
  algorithm: 'tpe',
  description: 'tpe models where good configurations are found (Bergstra et al. 2011)',
  learns: true,
  objectives: 'one',
} as const satisfies SamplerDefinition;
