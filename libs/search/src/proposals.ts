import { trialSpec, validate, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { samplers } from './samplers';
import type { Parameters } from './space';

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
      if (!(error instanceof ValidationError) || !error.errors.every(({ path }) => isNormal(spec, path))) throw error;
    }
  }
  throw refusal;
}

function isNormal(spec: SweepSpec, path: string): boolean {
  const leaf = path.split('.').reduce<unknown>((node, key) => (Object(node) as Record<string, unknown>)[key], spec);
  return typeof leaf === 'object' && leaf !== null && 'normal' in leaf;
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
  const training = { ...drawn.spec.training, seed };
  return { configuration: number, seed, parameters: drawn.parameters, spec: { ...drawn.spec, training } };
}

/**
 * Refuses a sweep that could not be carried out, before anything is written: a grid too large, trials that are no
 * multiple of it, a combination that makes no sense.
 * @throws ValidationError
 */
export function checkSweep(spec: SweepSpec): { configurations: number; seeds: number; trials: number } {
  const seeded = Object(spec.training) as { seed?: unknown };
  if (typeof seeded.seed === 'object')
    throw new ValidationError([
      {
        path: 'training.seed',
        message: 'is a plain number; to repeat with several seeds, use search.repeats or search.seeds',
      },
    ]);
  const size = sweepSize(spec);
  for (let number = 0; number < Math.min(size.configurations, checkedAhead); number += 1)
    propose(spec, number * size.seeds);
  return size;
}
