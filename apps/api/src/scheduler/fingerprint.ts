import type { TrialSpec } from '@unroll/contracts';
import { builtInFingerprint, builtIns } from '@unroll/datasets';

/** The fingerprint of a trial's data: of what is built in by its options, of what was registered as the sweep noted it. */
export function fingerprintOf({ dataset }: Pick<TrialSpec, 'dataset'>, registered: Record<string, string>): string {
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  return builtIn ? builtInFingerprint(builtIn, dataset) : registered[dataset.name]!;
}
