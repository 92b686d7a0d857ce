import { canonical, isDistribution, limits } from '@unroll/contracts';
import { resultOf, type ImportedStudy } from './imported-study';

/** Whether a part of a space has ranges of real numbers, of which the same is not drawn twice. */
function isContinuous(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if (!isDistribution(part) || 'choice' in part || 'grid' in part) return Object.values(part).some(isContinuous);
  return !('int' in part || 'step' in part);
}

/**
 * The trials that a study begins with, in their order: the best where there are more than it may begin with, or several of the same
 * parameters in a finite space, each configuration of which a sweep tries once. `notes`: what is left out.
 */
export function takenTrials({ trials: all, spec }: ImportedStudy): Pick<ImportedStudy, 'trials' | 'notes'> {
  const sign = spec.goal === 'maximize' ? -1 : 1;
  const ranked = all.toSorted((a, b) => sign * (resultOf(a, spec) - resultOf(b, spec)));
  const bestOfEach = new Map(ranked.toReversed().map((each) => [canonical(each.parameters), each]));
  // A parameter may have the name of a distribution.
  const different = Object.values(spec.space).some(isContinuous)
    ? ranked
    : ranked.filter((each) => bestOfEach.get(canonical(each.parameters)) === each);
  const best = new Set(different.slice(0, limits.started));
  const notes = [
    ...(different.length < all.length
      ? [
          `${all.length - different.length} of ${all.length} trials have the parameters of a better one, and are left out`,
        ]
      : []),
    ...(best.size < different.length
      ? [`the best ${best.size} of ${different.length} trials are taken over: a study starts with no more`]
      : []),
  ];
  return { trials: all.filter((each) => best.has(each)), notes };
}
