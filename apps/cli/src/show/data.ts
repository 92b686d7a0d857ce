import type { Prepared } from '@unroll/datasets';
import { note } from './text';

/** Says what was read of a data set, and what may be wrong with it. */
export function noteRead(prepared: Prepared): Prepared {
  for (const fact of prepared.facts ?? []) note(fact);
  for (const warning of prepared.warnings ?? []) note(`warning: ${warning}`);
  return prepared;
}
