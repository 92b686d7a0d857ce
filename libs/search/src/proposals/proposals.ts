import { ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { SweepSearch, type Configuration } from './search';
import type { Parameters } from '../space/space';

/** A trial without an ID. */
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

/** The numbers of configurations and seeds of a sweep, and of trials, their product. @throws ValidationError */
export function sweepSize(spec: SweepSpec): SweepSize {
  const configurations = chooseSampler(spec).sampler.configurations(spec);
  const seeds = spec.search.seeds?.length ?? spec.search.repeats ?? 1;
  return { configurations, seeds, trials: configurations * seeds };
}

/** The seed of a configuration's trial number `index`. */
function trialSeed(spec: SweepSpec, { training }: TrialSpec, index: number): number {
  const seed = spec.search.seeds?.[index] ?? training.seed + index;
  if (seed <= largestSeed) return seed;
  const { seeds } = sweepSize(spec);
  throw new ValidationError([
    {
      path: 'search.repeats',
      message: `${seeds} seeds starting at training.seed exceed the maximum, ${largestSeed}`,
    },
  ]);
}

/** Trial number `index` of a configuration, from 0. @throws ValidationError if its seed would be too large */
export function toTrial(spec: SweepSpec, { number, parameters, spec: whole }: Configuration, index: number): Proposal {
  const seed = trialSeed(spec, whole, index);
  return { configuration: number, seed, parameters, spec: { ...whole, training: { ...whole.training, seed } } };
}

/**
 * Trial number `trial` of a sweep, from 0, without any learned outcomes. The seeds of one configuration are consecutive trials. Pure.
 * @throws ValidationError if the sampled configuration is not a valid trial
 */
export function propose(spec: SweepSpec, trial: number): Proposal {
  const { seeds } = sweepSize(spec);
  const [configuration] = new SweepSearch(spec).propose(Math.floor(trial / seeds), 1);
  return toTrial(spec, configuration!, trial % seeds);
}
