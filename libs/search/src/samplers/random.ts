import { samplerDefinitions } from '@unroll/contracts';
import { pointAt, type Space } from '../space/point';
import { evenConfigurations } from './configurations';
import type { Ask, Sampler } from './sampler';

/** An independent draw of all free positions. */
export const drawFreely = (space: Space, { fixed, numbers }: Pick<Ask, 'fixed' | 'numbers'>): Float64Array =>
  pointAt(space, fixed, (dimension) => numbers.of(space.dimensions[dimension]!.key));

/** Random search: independent draws (Bergstra & Bengio 2012), with an equal number per grid point, in turn. */
export const random: Sampler = {
  ...samplerDefinitions.random,
  configurations: evenConfigurations,
  open: (space) => ({ learn: () => undefined, suggest: (ask) => drawFreely(space, ask) }),
};
