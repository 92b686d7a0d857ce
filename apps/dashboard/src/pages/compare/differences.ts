import type { TrialView } from '@unroll/contracts';
import { leaves, parameterText } from '../../format/parameters';

export interface Difference {
  path: string;
  /** One text per trial. */
  values: string[];
  differs: boolean;
}

/** The settings of trials side by side, differing ones first; a dash marks a setting that a trial lacks. */
export function differences(trials: readonly Pick<TrialView, 'spec'>[]): Difference[] {
  const all = trials.map(({ spec }) => new Map(leaves(spec)));
  const paths = [...new Set(all.flatMap((settings) => [...settings.keys()]))];
  const rows = paths.map((path): Difference => {
    const values = all.map((settings) => (settings.has(path) ? parameterText(settings.get(path)) : '–'));
    // Compare exact values: two different numbers may round to the same text.
    const exact = new Set(all.map((settings) => JSON.stringify(settings.get(path))));
    return { path, values, differs: exact.size > 1 };
  });
  return [...rows.filter(({ differs }) => differs), ...rows.filter(({ differs }) => !differs)];
}
