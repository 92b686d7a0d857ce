import type { SweepSpec } from '@unroll/contracts';
import { inheritedBy, sweepEdits, type EarlierConfiguration, type InheritedConfiguration } from '@unroll/database';
import { SweepSearch } from '@unroll/search';
import type { DataSource, EntityManager } from 'typeorm';

interface EditedSweep {
  id: string;
  spec: SweepSpec;
  earlier: readonly EarlierConfiguration[];
  edits: number;
}

/** A stretch of a sweep's proposals under one specification: from its beginning or an edit to the next. */
export interface Stretch {
  spec: SweepSpec;
  /** Its first configuration, and the first of the next stretch; undefined for the last. */
  first: number;
  end: number | undefined;
  /** Earlier configurations that are in its space. */
  inherited: readonly InheritedConfiguration[];
}

/** The last stretch of a sweep: what it proposes now. */
export async function lastStretch(manager: EntityManager, { id, spec, edits }: EditedSweep): Promise<Stretch> {
  const edit = edits === 0 ? undefined : await inheritedBy(manager, id, edits);
  return { spec, first: edit?.first ?? 0, end: undefined, inherited: edit?.inherited ?? [] };
}

/** All stretches of a sweep, in order. */
export async function stretches(dataSource: DataSource, { id, spec, edits }: EditedSweep): Promise<Stretch[]> {
  const logged = edits === 0 ? [] : await sweepEdits(dataSource, id);
  const specs = [...logged.map(({ replaced }) => replaced), spec];
  const found: Stretch[] = [];
  for (const [index, own] of specs.entries()) {
    const edit = index === 0 ? undefined : await inheritedBy(dataSource, id, index);
    found.push({
      spec: own,
      first: edit?.first ?? 0,
      end: logged[index]?.first,
      inherited: edit?.inherited ?? [],
    });
  }
  return found;
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
