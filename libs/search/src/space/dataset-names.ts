import { isDistribution, type SweepSpec } from '@unroll/contracts';

/** The names of all data sets that a sweep may use. */
export function datasetNames({ dataset }: Pick<SweepSpec, 'dataset'>): string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node === 'string') names.add(node);
    else if (isDistribution(node))
      for (const option of 'choice' in node ? node.choice : 'grid' in node ? node.grid : []) visit(option);
    else if (typeof node === 'object' && node !== null && 'name' in node) visit(node.name);
  };
  visit(dataset);
  return [...names];
}
