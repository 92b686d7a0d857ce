import type { SweepSpec } from '@unroll/contracts';
import { inheritedBy, sweepEdits } from '@unroll/database';
import type { DataSource, EntityManager } from 'typeorm';
import type { Stretch } from '../search/stretch';

interface EditedSweep {
  id: string;
  spec: SweepSpec;
  edits: number;
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
