import type { SamplerDefinition } from './sampler';

export const gaussianProcess = {
  algorithm: 'gaussian-process',
  description: 'gaussian-process models the objective and maximises the expected improvement',
  learns: true,
  objectives: 'one',
} as const satisfies SamplerDefinition;
