import { sharedByLanes, type TrialSpec } from '@unroll/contracts';

/** Throws Error, naming the first difference, for trials that cannot be trained as lanes of one array. */
export function requireFusable(specs: readonly TrialSpec[]): void {
  const [first, ...others] = specs.map(sharedByLanes);
  const whole = JSON.stringify(first);
  for (const other of others.filter((each) => JSON.stringify(each) !== whole))
    for (const [path, value] of Object.entries(first!))
      if (JSON.stringify(value) !== JSON.stringify(other[path]))
        throw new Error(
          `lanes must share ${path}: ${JSON.stringify(value)} and ${JSON.stringify(other[path])} cannot be fused`,
        );
}
