import { byName, column } from '../definition';
import { cmaEs } from './cma-es';
import { gaussianProcess } from './gaussian-process';
import { grid } from './grid';
import { nsgaIi } from './nsga-ii';
import { random } from './random';
import { sobol } from './sobol';
import type { SamplerDefinition } from './sampler';
import { tpe } from './tpe';

/** Every sampler, in the order in which they are listed. */
const list = [random, grid, sobol, tpe, gaussianProcess, cmaEs, nsgaIi] as const;

export const samplerNames = column(list, 'algorithm');
export type SamplerName = (typeof samplerNames)[number];
export const samplerDefinitions: Readonly<Record<SamplerName, SamplerDefinition>> = byName(list, 'algorithm');
