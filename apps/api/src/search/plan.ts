import type { SweepSpec, TrialSpec } from '@unroll/contracts';
import type { EarlierConfiguration, ProposedConfiguration } from '@unroll/database';
import {
  checkAhead,
  chooseSampler,
  SweepSearch,
  requireWholeGrids,
  sweepSize,
  type Configuration,
  type Parameters,
  type SweepSize,
} from '@unroll/search';
import { deadline } from '../threads/clock';
import type { Stretch } from './stretch';

/** Seconds for which the configurations of a sweep are checked before it is accepted. */
const checkedFor = 1;

/**
 * The size of a sweep, its first trials, at most `most`, and the configurations of those with which it begins, at most `begun` trials; none
 * where its proposals learn. @throws ValidationError if it cannot be run
 */
export function checkedSweep({ spec, most, begun = 0 }: { spec: SweepSpec; most: number; begun?: number }): {
  size: SweepSize;
  ahead: TrialSpec[];
  first: Configuration[];
} {
  const { size, ahead, first } = checkAhead(spec, most, deadline(checkedFor));
  const count = chooseSampler(spec).sampler.learns ? 0 : Math.floor(begun / size.seeds);
  return { size, ahead: ahead.map((trial) => trial.spec), first: first.slice(0, count) };
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

/** The size of a sweep that was checked before, with `trials` more configurations. @throws ValidationError */
export function extendedSize(sweep: { spec: SweepSpec; configurations: number; trials: number }): SweepSize {
  const { spec, configurations, trials } = sweep;
  requireWholeGrids(spec, trials, 'trials');
  return sweepSize({ ...spec, search: { ...spec.search, trials: configurations + trials } });
}

/** The parameters of earlier configurations in the space of a sweep; null for one that is outside. */
export function placed({
  spec,
  configurations,
}: {
  spec: SweepSpec;
  configurations: readonly Pick<ProposedConfiguration, 'spec' | 'parameters'>[];
}): (Parameters | null)[] {
  const search = new SweepSearch(spec);
  return configurations.map((each) => search.place(each.spec, each.parameters) ?? null);
}

/** How many points of a space are left beside those of its first configurations. */
export function leftAfter({ spec, first, inherited }: Pick<Stretch, 'spec' | 'first' | 'inherited'>): number {
  const search = new SweepSearch(spec);
  search.inherit(first, inherited);
  return search.left;
}
