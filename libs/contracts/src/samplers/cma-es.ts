import type { SamplerDefinition } from './sampler';

export const cmaEs = {
  algorithm: 'cma-es',
  description: 'cma-es moves a normal distribution towards better configurations',
  learns: true,
  objectives: 'one',
} as const satisfies SamplerDefinition;
