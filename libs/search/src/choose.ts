import type { SweepSpec } from '@unroll/contracts';
import { toSpace } from './space/point';
import { samplers } from './samplers';
import { searched } from './space/searched';
import type { Sampler } from './samplers/sampler';

/** Minimum number of configurations for a sampler that learns. */
const fewest = 16;
/**
 * Maximum configurations and ranges for a Gaussian process: with more it is behind tpe on tables of real tunings (docs/search.md). And
 * minimum configurations for an evolution strategy.
 */
const modelled = { configurations: 200, ranges: 3 };
const evolved = 1000;

/** The sweep with `auto` replaced by an algorithm. This happens once, at submission, so that an extended sweep keeps its algorithm. */
export const settled = (spec: SweepSpec): SweepSpec =>
  spec.search.algorithm === 'auto'
    ? { ...spec, search: { ...spec.search, algorithm: chooseSampler(spec).sampler.algorithm } }
    : spec;

/** The sampler of a sweep, and for `auto` the reason for the choice. */
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
  if (free.length === 0 && spec.search.trials === undefined) return chosen('grid', 'all searched parameters are grids');
  if (free.length === 0) return chosen('random', 'there is nothing to learn besides the grids');
  if (configurations < fewest)
    return chosen(
      'sobol',
      `${configurations} configurations are too few to learn from, so they cover the space evenly`,
    );
  if (spec.objectives)
    return chosen('nsga-ii', `${configurations} configurations are enough for multi-objective evolution`);
  const areRanges = free.every(({ isList, within }) => !isList && !within);
  if (configurations <= modelled.configurations && free.length <= modelled.ranges && areRanges)
    return chosen(
      'gaussian-process',
      `${configurations} configurations of ${free.length} ranges are few enough to model`,
    );
  if (configurations >= evolved && free.every(({ isList }) => !isList))
    return chosen('cma-es', `${configurations} configurations of ranges only are enough for an evolution strategy`);
  return chosen('tpe', `${configurations} configurations of ${free.length} parameters are enough to learn from`);
}
