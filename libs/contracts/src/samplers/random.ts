import type { SamplerDefinition } from './sampler';

export const random = {
  algorithm: 'random',
  description: 'random samples each configuration independently',
  learns: false,
  objectives: 'any',
} as const satisfies SamplerDefinition;
