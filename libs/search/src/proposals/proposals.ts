import { ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { checkConstraints } from '../constraints';
import { objectiveOf } from '../objective';
import { spaceOf } from '../space/point';
import { checkObjectives } from '../checks/several-objectives';
import { checkPopulation } from '../population/check';
import { checkUnit } from '../stopping/check';
import { searched } from '../space/searched';
import { SweepSearch, type Configuration } from './search';
import { distributions, type Parameters } from '../space/space';
import { enqueuedPoints } from './enqueue';

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
/** Configurations that are checked before a sweep is accepted; later ones are checked when they are drawn. */
const checkedAhead = 1000;

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

/**
 * Refuses a sweep that could not be carried out, before anything is written: a grid too large, trials that are no
 * multiple of it, a combination that makes no sense, an objective that is not measured, constraints that nothing satisfies, a stopping rule that does not
 * suit what is searched.
 * @throws ValidationError
 */
export function checkSweep(spec: SweepSpec): SweepSize {
  if (distributions(searched(spec)).some(([path]) => path === 'training.seed'))
    throw new ValidationError([
      {
        path: 'training.seed',
        message: 'is a plain number; to repeat with several seeds, use search.repeats or search.seeds',
      },
    ]);
  objectiveOf(spec);
  const size = sweepSize(spec);
  checkObjectives(spec, size);
  checkLearning(spec, size);
  checkPopulation(spec, size);
  checkUnit(spec);
  checkConstraints(spec);
  const search = new SweepSearch(spec);
  const { seeds, configurations } = size;
  for (let number = 0; number < Math.min(configurations, checkedAhead); number += 1)
    trialOf(spec, search.propose(number, 1)[0]!, seeds - 1);
  return size;
}

/** What a search that learns, or that starts somewhere, needs. @throws ValidationError */
function checkLearning(spec: SweepSpec, { configurations }: SweepSize): void {
  const { algorithm, enqueue = [] } = spec.search;
  if (enqueue.length > configurations)
    throw new ValidationError([
      {
        path: 'search.enqueue',
        message: `names ${enqueue.length} configurations, more than the ${configurations} of the sweep`,
      },
    ]);
  enqueuedPoints(spec);
  const { dimensions } = spaceOf(searched(spec));
  if (chooseSampler(spec).sampler.learns && dimensions.every(({ isGrid, levels }) => isGrid || levels === 1))
    throw new ValidationError([
      {
        path: 'search.algorithm',
        message: `${algorithm} has nothing to search: the space is one point; make a value a range or a choice, or use search: random`,
      },
    ]);
}
