import type { SweepSpec } from '@unroll/contracts';
import { grid } from './grid';
import { random } from './random';
import type { Sampler } from './sampler';

/** Every sampler, by the name that a sweep gives it. */
export const samplers: Record<SweepSpec['search']['algorithm'], Sampler> = { grid, random };
