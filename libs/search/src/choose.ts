import type { SweepSpec } from '@unroll/contracts';
import { toSpace } from './space/point';
import { samplers } from './samplers';
import { searched } from './space/searched';
import type { Sampler } from './samplers/sampler';

/** Fewest configurations from which a model learns anything. */
const fewest = 16;
/** Most configurations and dimensions for a Gaussian process, and fewest configurations for an evolution strategy. */
const modelled = { configurations: 200, dimensions: 20 };
const evolved = 1000;

/**
 * The sweep with the algorithm that `auto` stands for: settled when it is submitted, so that what comes later, an extension too, is
 * searched by the same.
 */
export const settled = (spec: SweepSpec): SweepSpec =>
  spec.search.algorithm === 'auto'
    ? { ...spec, search: { ...spec.search, algorithm: chooseSampler(spec).sampler.algorithm } }
    : spec;

/** The sampler of a sweep, and where it says `auto` why this one. */
export function chooseSampler(spec: SweepSpec): { sampler: Sampler; why: string | undefined } {
  const { algorithm } = spec.search;
  if (algorithm !== 'auto') return { sampler: samplers[algorithm], why: undefined };
  const { dimensions } = toSpace(searched(spec));
  const free = dimensions.filter(({ isGrid }) => !isGrid);
  const configurations = samplers.random.configurations(spec);
  const chosen = (name: keyof typeof samplers, why: string): ReturnType<typeof chooseSampler> => ({
    sampler: samplers[name],
    why: `${name}: ${why}`,
  });
  if (free.length === 0 && spec.search.trials === undefined) return chosen('grid', 'there is nothing but grids');
  if (free.length === 0) return chosen('random', 'nothing is left to learn beside the grids');
  if (configurations < fewest)
    return chosen('sobol', `${configurations} configurations are too few to learn from, so they lie evenly`);
  if (spec.objectives)
    return chosen('nsga-ii', `${configurations} configurations are enough for an evolution towards several objectives`);
  const isPlain = free.every(({ within }) => !within);
  if (configurations <= modelled.configurations && free.length <= modelled.dimensions && isPlain)
    return chosen(
      'gaussian-process',
      `${configurations} configurations of ${free.length} parameters are few enough to model`,
    );
  if (configurations >= evolved && free.every(({ isList }) => !isList))
    return chosen('cma-es', `${configurations} configurations of ranges alone are enough for an evolution`);
  return chosen(
    'tpe',
    isPlain ? `${configurations} configurations are too many for a finer model` : 'some parameters depend on others',
  );
}
