import type { SweepSpec } from '@unroll/contracts';
import { cmaEs } from './cma-es';
import { gaussianProcess } from './gaussian-process';
import { grid } from './grid';
import { nsga } from './nsga-ii';
import { random } from './random';
import type { Sampler } from './sampler';
import { sobol } from './sobol';
import { tpe } from './tpe';

/** All samplers by name. */
export const samplers: Record<Exclude<SweepSpec['search']['algorithm'], 'auto'>, Sampler> = {
  random,
  grid,
  sobol,
  tpe,
  'gaussian-process': gaussianProcess,
  'cma-es': cmaEs,
  'nsga-ii': nsga,
};
