import { samplerDefinitions } from '@unroll/contracts';
import { pointAt } from '../space/point';
import { sobol as sobolAt } from './sobol-sequence';
import { evenConfigurations } from './configurations';
import type { Ask, Sampler } from './sampler';
import type { Point, Space } from '../space/point';

/** Quasi-random search: a Sobol sequence scrambled by the seed (Owen 1998; Joe & Kuo 2008), more uniform than independent draws. */
export const sobol: Sampler = {
  ...samplerDefinitions.sobol,
  configurations: evenConfigurations,
  open: (space, seed) => ({ learn: () => undefined, suggest: (ask) => drawEvenly(space, seed, ask) }),
};

/**
 * Point `number` of the sequence in the free dimensions. Each grid point has its own sequence, and each attempt another one.
 */
export function drawEvenly(
  space: Space,
  seed: number,
  { number, attempt, fixed }: Pick<Ask, 'number' | 'attempt' | 'fixed'>,
): Point {
  const index = Math.floor(number / space.gridSize);
  const key = [seed, (attempt * space.gridSize + (number % space.gridSize)) >>> 0] as const;
  return pointAt(space, fixed, (dimension) => sobolAt(index, dimension, key));
}
