import type { Prepared } from '@unroll/datasets';
import { note } from './text';

/** Says what was read of a data set, and what may be wrong with it. */
export function noteRead({ facts = [], warnings = [] }: Prepared): void {
  for (const fact of facts) note(fact);
  for (const warning of warnings) note(`warning: ${warning}`);
}
