import type { SweepSpec } from '@unroll/contracts';
import type { EarlierConfiguration, InheritedConfiguration } from '@unroll/database';
import { SweepSearch } from '@unroll/search';

/** A stretch of a sweep's proposals under one specification: from its beginning or an edit to the next. */
export interface Stretch {
  spec: SweepSpec;
  /** Its first configuration, and the first of the next stretch; undefined for the last. */
  first: number;
  end: number | undefined;
  /** Earlier configurations that are in its space. */
  inherited: readonly InheritedConfiguration[];
}

/**
 * The search of a stretch before its first proposal. The inherited configurations are open to it: it learns their outcomes as those of its
 * own, so the log of the stretch has them.
 */
export function openSearch({ spec, first, inherited }: Stretch, earlier: readonly EarlierConfiguration[]): SweepSearch {
  const search = new SweepSearch(spec);
  search.learnFrom(earlier);
  if (first > 0) search.inherit(first, inherited);
  return search;
}
