import { ValidationError, type TrialSpec } from '@unroll/contracts';
import { builtIns, DatasetError, type BuiltIn, type BuiltInOptions } from '@unroll/datasets';

/** The fingerprint of a built-in data set. @throws ValidationError for options that it does not have, or that make it too large */
export function identify(builtIn: BuiltIn, options?: BuiltInOptions): string {
  try {
    return builtIn.identify(options);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new ValidationError([{ path: 'dataset', message: error.message }]);
  }
}

/**
 * The fingerprint of a trial's data: of a built-in data set with its options, or as `registered` when the sweep was submitted.
 * @throws ValidationError
 */
export function trialFingerprint({ dataset }: Pick<TrialSpec, 'dataset'>, registered: Record<string, string>): string {
  const builtIn = builtIns.find(({ name }) => name === dataset.name);
  return builtIn ? identify(builtIn, dataset) : registered[dataset.name]!;
}
