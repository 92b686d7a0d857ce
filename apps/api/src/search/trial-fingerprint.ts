import type { TrialSpec } from '@unroll/contracts';
import { builtInFingerprint, builtIns } from '@unroll/datasets';

/** The fingerprint of a trial's data: of a built-in data set with its options, or as `registered` when the sweep was submitted. */
export function trialFingerprint({ dataset }: Pick<TrialSpec, 'dataset'>, registered: Record<string, string>): string {
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  return builtIn ? builtInFingerprint(builtIn, dataset) : registered[dataset.name]!;
}
