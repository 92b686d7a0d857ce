import type { SweepSpec, TrialSpec } from '@unroll/contracts';
import type { EarlierConfiguration } from '@unroll/database';
import { checkSweep, firstTrials, SweepSearch, type Configuration, type SweepSize } from '@unroll/search';

/** The size of a sweep, and its first trials, at most `most`. @throws ValidationError if it cannot be run */
export function checkedSweep({ spec, most }: { spec: SweepSpec; most: number }): {
  size: SweepSize;
  ahead: TrialSpec[];
} {
  const size = checkSweep(spec);
  return { size, ahead: firstTrials(spec, Math.min(most, size.trials)).map((trial) => trial.spec) };
}

/** The configurations that a sweep starts with. */
export function firstConfigurations({
  spec,
  earlier,
  count,
  alike,
}: {
  spec: SweepSpec;
  earlier: readonly EarlierConfiguration[];
  count: number;
  alike: number;
}): Configuration[] {
  const search = new SweepSearch(spec);
  search.learnFrom(earlier);
  return search.propose(0, count, alike);
}

/** How many results of an earlier sweep are in the space of this one. */
export const countUsable = ({ spec, results }: { spec: SweepSpec; results: readonly EarlierConfiguration[] }): number =>
  new SweepSearch(spec).learnFrom(results);
