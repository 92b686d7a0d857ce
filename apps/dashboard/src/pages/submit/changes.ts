import type { SweepView } from '@unroll/contracts';
import { differences, type Difference } from '../compare/differences';
import { specOf } from './check';
import { fromSweep } from './start';

type Earlier = Pick<SweepView, 'id' | 'name' | 'spec'>;

/** In which settings the sweep of a text differs from the one that it began as; none while the text is not valid. */
export function changesFrom(earlier: Earlier, text: string): Difference[] {
  const [before, after] = [fromSweep(earlier), text].map(specOf);
  if (!before || !after) return [];
  return differences([{ spec: { ...before } }, { spec: { ...after } }]).filter(({ differs }) => differs);
}

/** The first note of a sweep that began as another: which one, and what was changed. */
export const noteOf = (earlier: Earlier, changes: readonly Difference[]): string =>
  [
    `Began as [${earlier.name.replaceAll(/[\\[\]]/g, '\\$&')}](/sweeps/${earlier.id})${changes.length > 0 ? ', with:' : '.'}`,
    ...changes.map(({ path, values: [before, after] }) => `- \`${path}\`: ${before} → ${after}`),
  ].join('\n');
