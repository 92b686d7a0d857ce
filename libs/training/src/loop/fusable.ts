import { sharedByLanes, type TrialSpec } from '@unroll/contracts';

/** Throws Error, naming the first difference, for trials that cannot be trained as lanes of one array. */
export function requireFusable(specs: readonly TrialSpec[]): void {
  const [first, ...others] = specs.map(sharedByLanes);
  for (const other of others)
    for (const [path, value] of Object.entries(first!))
      if (JSON.stringify(value) !== JSON.stringify(other[path]))
        throw new Error(
          `lanes must share ${path}: ${JSON.stringify(value)} and ${JSON.stringify(other[path])} cannot be fused`,
        );
}
