import type { TrialView } from '@unroll/contracts';
import { differences } from './differences';

/** Differences that are named: the rest are in the table of differences. */
const named = 3;

/**
 * What of their data and task keeps the configurations of two trials from being compared seed by seed, in a line; undefined where both are
 * the same, and their sweeps optimise different metrics.
 */
export function whyIncomparable(
  first: Pick<TrialView, 'id' | 'spec'>,
  second: Pick<TrialView, 'id' | 'spec'>,
): string | undefined {
  const differing = differences([first, second]).filter(
    ({ path, differs }) => differs && /^(?:dataset|task)\b/.test(path) && path !== 'dataset.fold.index',
  );
  if (differing.length === 0) return undefined;
  const texts = differing
    .slice(0, named)
    .map(({ path, values: [one, other] }) => `${path} (${one} and ${other})`)
    .join(', ');
  return `${first.id} and ${second.id} differ in ${texts}${differing.length > named ? ' and more' : ''}: values of different data or tasks are no measure of each other.`;
}
