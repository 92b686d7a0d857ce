import { countFolds, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { finitePoints } from '../space/finite';
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
  /** Why the sweep has fewer configurations than it asks for. */
  limit?: string;
}

const largestSeed = 2 ** 32 - 1;

/** The number of trials of each configuration: one for each seed, and for each part that is held out. */
export const countSeeds = (spec: SweepSpec): number =>
  (spec.search.seeds?.length ?? spec.search.repeats ?? 1) * countFolds(spec);

/**
 * The numbers of configurations and seeds of a sweep, and of trials, their product. A space with fewer points than the sweep asks for
 * limits it, since no configuration is trained twice.
 * @throws ValidationError
 */
export function sweepSize(spec: SweepSpec): SweepSize {
  const asked = chooseSampler(spec).sampler.configurations(spec);
  const seeds = countSeeds(spec);
  const points = finitePoints(spec)?.length ?? Infinity;
  if (asked <= points) return { configurations: asked, seeds, trials: asked * seeds };
  const limit = `${points} of ${asked}: the space has ${points} point${points === 1 ? '' : 's'}`;
  return { configurations: points, seeds, trials: points * seeds, limit };
}

/** The seed of a configuration's trial number `index`. */
function trialSeed(spec: SweepSpec, { training }: TrialSpec, index: number): number {
  const seed = spec.search.seeds?.[index] ?? training.seed + index;
  if (seed <= largestSeed) return seed;
  throw new ValidationError([
    {
      path: 'search.repeats',
      message: `${countSeeds(spec)} seeds starting at training.seed exceed the maximum, ${largestSeed}`,
    },
  ]);
}

/** Trial number `index` of a configuration, from 0. @throws ValidationError if its seed would be too large */
export function toTrial(spec: SweepSpec, { number, parameters, spec: whole }: Configuration, index: number): Proposal {
  const folds = countFolds(spec);
  const seed = trialSeed(spec, whole, Math.floor(index / folds));
  const { dataset } = whole;
  const held = folds > 1 ? { ...dataset, fold: { ...dataset.fold!, index: index % folds } } : dataset;
  const own = { ...whole, dataset: held, training: { ...whole.training, seed } };
  return { configuration: number, seed, parameters, spec: own };
}

/** The trials of a configuration: its seeds, each with every part that is held out. @throws ValidationError if a seed would be too large */
export const toTrials = (spec: SweepSpec, configuration: Configuration): Proposal[] =>
  Array.from({ length: countSeeds(spec) }, (_, index) => toTrial(spec, configuration, index));

/**
 * The first `count` trials of a sweep that has learned nothing yet. The seeds of one configuration are consecutive trials. Pure.
 * @throws ValidationError if a sampled configuration is not a valid trial
 */
export function firstTrials(spec: SweepSpec, count: number): Proposal[] {
  const configurations = new SweepSearch(spec).propose(0, Math.ceil(count / countSeeds(spec)));
  return configurations.flatMap((each) => toTrials(spec, each)).slice(0, count);
}
