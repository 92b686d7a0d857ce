import type { SweepSpec } from './sweep-spec';

/**
 * The variance of the mean of `n` trainings over that of one. The training sets of k folds overlap, so their values are correlated, and
 * each further one says less: the correction of Nadeau and Bengio (2003) adds the ratio of held-out to training examples, 1 / (k − 1).
 */
export const meanVariance = (n: number, folds = 1): number => 1 / n + foldVariance(folds);

/** What that correction adds, however many trainings there are. */
export const foldVariance = (folds: number): number => (folds > 1 ? 1 / (folds - 1) : 0);

/** The number of parts that cross-validation holds out in turn; 1 without it, and where one part is chosen. */
export function countFolds({ dataset }: SweepSpec): number {
  const { fold } = Object(dataset) as { fold?: { of?: unknown; index?: unknown } };
  return fold?.index === undefined && typeof fold?.of === 'number' ? fold.of : 1;
}
