import type { SweepSpec } from '@unroll/contracts';

/** The number of parts that cross-validation holds out in turn; 1 without it, and where one part is chosen. */
export function countFolds({ dataset }: SweepSpec): number {
  const { fold } = Object(dataset) as { fold?: { of?: unknown; index?: unknown } };
  return fold?.index === undefined && typeof fold?.of === 'number' ? fold.of : 1;
}
