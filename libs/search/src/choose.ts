import type { SweepSpec } from '@unroll/contracts';
import { toSpace } from './space/point';
import { samplers } from './samplers';
import { searched } from './space/searched';
import type { Sampler } from './samplers/sampler';

/** Minimum number of configurations for a sampler that learns. */
const fewest = 16;
/** Maximum configurations and dimensions for a Gaussian process, and minimum configurations for an evolution strategy. */
const modelled = { configurations: 200, dimensions: 20 };
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
  const isPlain = free.every(({ within }) => !within);
  if (configurations <= modelled.configurations && free.length <= modelled.dimensions && isPlain)
    return chosen(
      'gaussian-process',
      `${configurations} configurations of ${free.length} parameters are few enough to model`,
    );
  if (configurations >= evolved && free.every(({ isList }) => !isList))
    return chosen('cma-es', `${configurations} configurations of ranges only are enough for an evolution strategy`);
  return chosen(
    'tpe',
    isPlain
      ? `${configurations} configurations of ${free.length} parameters are too many for a Gaussian process`
      : 'some parameters depend on others',
  );
}
