import {
  differencesOf,
  goalSign,
  meanOf,
  ValidationError,
  wholeStopping,
  type Objective,
  type SweepSpec,
} from '@unroll/contracts';
import { countSeeds, type SweepSize } from '../proposals/proposals';
import { resampledP } from './resampled-test';
import { signedRankP } from './signed-rank';

/**
 * The number of seeds that a configuration is next compared on, after `seen`: first the fewest that can give a p-value below the
 * threshold, since n pairs give none below 2^−n, then twice as many each time. Each comparison is another chance to stop a configuration
 * that is not worse, so few are made.
 */
export function nextLook(pThreshold: number, seen = 0): number {
  if (seen > 0) return 2 * seen;
  let seeds = 1;
  while (2 ** -seeds >= pThreshold) seeds += 1;
  return seeds;
}

/** The number of seeds with which the training of a configuration begins: those of the first comparison, or all. */
export function firstSeeds(spec: SweepSpec): number {
  const { pThreshold } = wholeStopping(spec.stopping ?? { rule: 'none' });
  return pThreshold > 0 ? Math.min(countSeeds(spec), nextLook(pThreshold)) : countSeeds(spec);
}

/** The values of a configuration's first seeds, NaN for those without one, and those of all seeds of the configuration to compare with. */
export interface Pairs {
  values: readonly number[];
  against: { configuration: number; values: readonly number[] };
}

export interface PairedVerdict {
  decision: 'continue' | 'stop';
  p: number;
  /** The reason, as one line of text. */
  why: string;
}

/**
 * Compares a configuration with the best one whose seeds are all trained, seed by seed: it stops if a one-sided Wilcoxon signed-rank
 * test gives a p-value below the threshold, and if its mean is worse than the best one's, over the same seeds and over all. A seed without
 * a value is worse than any that has one. `folds`: of cross-validation, 1 without it. Their values are no independent draws: the test is
 * then the corrected resampled t-test.
 */
export function comparePairs(
  pThreshold: number,
  goal: Objective['goal'],
  { values, against }: Pairs,
  folds = 1,
): PairedVerdict {
  const sign = goalSign({ goal });
  const own = values.map((value) => (Number.isNaN(value) ? Infinity : value * sign));
  const best = against.values.map((value) => value * sign);
  const { values: differences } = differencesOf(own.map((value, seed) => [value, best[seed]!] as const));
  const p = folds > 1 ? resampledP(differences, folds) : signedRankP(differences);
  const isWorse = meanOf(own) > Math.max(meanOf(best.slice(0, own.length)), meanOf(best));
  const decision = isWorse && p < pThreshold ? 'stop' : 'continue';
  const worse = differences.filter((difference) => difference > 0).length;
  const where = `worse than configuration ${against.configuration} on ${worse} of ${own.length} ${folds > 1 ? 'trainings' : 'seeds'}`;
  return { decision, p, why: `${where} (p = ${p.toPrecision(2)})` };
}

/** Refuses a paired test where a configuration has too few seeds to end one before its last, or objectives. @throws ValidationError */
export function checkPairedTest({ stopping, search, objectives }: SweepSpec, { seeds }: SweepSize): void {
  const { pThreshold } = wholeStopping(stopping ?? { rule: 'none' });
  if (pThreshold === 0) return;
  const refuse = (message: string): ValidationError =>
    new ValidationError([{ path: 'stopping.pThreshold', message: `${message}, or leave it out` }]);
  if (objectives) throw refuse(`compares by a single objective, but the sweep has ${objectives.length}: set objective`);
  const fewest = nextLook(pThreshold) + 1;
  if (seeds >= fewest) return;
  const how = search.seeds ? `list at least ${fewest} in search.seeds` : `set search.repeats to at least ${fewest}`;
  throw refuse(`${pThreshold} takes ${fewest - 1} seeds to reach, and ends nothing early with ${seeds}: ${how}`);
}
