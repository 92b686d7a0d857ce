import { trialSpec, validate, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { objectiveOf } from './objective';
import { samplers } from './samplers';
import { searched } from './samplers/searched';
import { distributions, type Parameters } from './space';

/** A trial before it has an identity. */
export interface Proposal {
  /** Number of the configuration, from 0. */
  configuration: number;
  seed: number;
  parameters: Parameters;
  spec: TrialSpec;
}

/** Draws that a configuration may need until one is allowed. */
const attempts = 100;
const largestSeed = 2 ** 32 - 1;
/** Configurations that are checked before a sweep is accepted; later ones are checked when they are drawn. */
const checkedAhead = 1000;

/** How many configurations and seeds a sweep has; their product is its number of trials. @throws ValidationError */
export function sweepSize(spec: SweepSpec): { configurations: number; seeds: number; trials: number } {
  const configurations = samplers[spec.search.algorithm].configurations(spec);
  const seeds = spec.search.seeds?.length ?? spec.search.repeats ?? 1;
  return { configurations, seeds, trials: configurations * seeds };
}

/** Configuration `number` of a sweep, complete but for its seed. @throws ValidationError */
function configuration(spec: SweepSpec, number: number): { parameters: Parameters; spec: TrialSpec } {
  const sampler = samplers[spec.search.algorithm];
  let refusal: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const drawn = sampler.suggest(spec, number, attempt);
    try {
      return { parameters: drawn.parameters, spec: validate(trialSpec, drawn.tree) };
    } catch (error) {
      refusal = error;
      // Only a value that was drawn from an open range can come out better the next time.
      if (!(error instanceof ValidationError) || !areNormal(spec, error)) throw error;
    }
  }
  throw refusal;
}

/** Whether all that is wrong was drawn from normal distributions. */
function areNormal(spec: SweepSpec, { errors }: ValidationError): boolean {
  const normal = distributions(searched(spec)).flatMap(([path, each]) => ('normal' in each ? [path] : []));
  return errors.every(({ path }) => normal.includes(path));
}

/**
 * Trial number `trial` of a sweep, from 0. The seeds of one configuration follow each other. Pure.
 * @throws ValidationError where what was drawn is not a valid trial
 */
export function propose(spec: SweepSpec, trial: number): Proposal {
  const { seeds } = sweepSize(spec);
  const number = Math.floor(trial / seeds);
  const drawn = configuration(spec, number);
  const seed = spec.search.seeds?.[trial % seeds] ?? drawn.spec.training.seed + (trial % seeds);
  if (seed > largestSeed)
    throw new ValidationError([
      {
        path: 'search.repeats',
        message: `${seeds} seeds from training.seed upward go past the largest, ${largestSeed}`,
      },
    ]);
  const training = { ...drawn.spec.training, seed };
  return { configuration: number, seed, parameters: drawn.parameters, spec: { ...drawn.spec, training } };
}

/**
 * Refuses a sweep that could not be carried out, before anything is written: a grid too large, trials that are no
 * multiple of it, a combination that makes no sense, an objective that is not measured.
 * @throws ValidationError
 */
export function checkSweep(spec: SweepSpec): { configurations: number; seeds: number; trials: number } {
  if (distributions(searched(spec)).some(([path]) => path === 'training.seed'))
    throw new ValidationError([
      {
        path: 'training.seed',
        message: 'is a plain number; to repeat with several seeds, use search.repeats or search.seeds',
      },
    ]);
  objectiveOf(spec);
  const size = sweepSize(spec);
  for (let number = 0; number < Math.min(size.configurations, checkedAhead); number += 1)
    propose(spec, number * size.seeds + size.seeds - 1);
  return size;
}
