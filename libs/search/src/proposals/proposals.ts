import { ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { SweepSearch, type Configuration } from './search';
import type { Parameters } from '../space/space';

/** A trial before it has an identity. */
export interface Proposal {
  /** Number of the configuration, from 0. */
  configuration: number;
  seed: number;
  parameters: Parameters;
  spec: TrialSpec;
}

export interface SweepSize {
  configurations: number;
  seeds: number;
  trials: number;
}

const largestSeed = 2 ** 32 - 1;

/** How many configurations and seeds a sweep has; their product is its number of trials. @throws ValidationError */
export function sweepSize(spec: SweepSpec): SweepSize {
  const configurations = chooseSampler(spec).sampler.configurations(spec);
  const seeds = spec.search.seeds?.length ?? spec.search.repeats ?? 1;
  return { configurations, seeds, trials: configurations * seeds };
}

/** Seed number `index` of a configuration's trials. */
function seedOf(spec: SweepSpec, { training }: TrialSpec, index: number): number {
  const seed = spec.search.seeds?.[index] ?? training.seed + index;
  if (seed <= largestSeed) return seed;
  const { seeds } = sweepSize(spec);
  throw new ValidationError([
    {
      path: 'search.repeats',
      message: `${seeds} seeds from training.seed upward go past the largest, ${largestSeed}`,
    },
  ]);
}

/** Trial number `index` of a configuration, from 0. @throws ValidationError where its seed would be too large */
export function trialOf(spec: SweepSpec, { number, parameters, spec: whole }: Configuration, index: number): Proposal {
  const seed = seedOf(spec, whole, index);
  return { configuration: number, seed, parameters, spec: { ...whole, training: { ...whole.training, seed } } };
}

/**
 * Trial number `trial` of a sweep, from 0, as it is where nothing was learned before. The seeds of one configuration follow each
 * other. Pure.
 * @throws ValidationError where what was drawn is not a valid trial
 */
export function propose(spec: SweepSpec, trial: number): Proposal {
  const { seeds } = sweepSize(spec);
  const [configuration] = new SweepSearch(spec).propose(Math.floor(trial / seeds), 1);
  return trialOf(spec, configuration!, trial % seeds);
}
