import { trialSpec, validate, type SweepSpec, type TrialSpec } from '@unroll/contracts';

/**
 * The trial of a drawn configuration. A study's has what was drawn as `parameters`, and is of no task that is known here.
 * @throws ValidationError if it is not a valid trial
 */
export function wholeTrial({ parameters, dataset, task, training }: SweepSpec, tree: unknown): TrialSpec {
  if (parameters === undefined) return validate(trialSpec, tree);
  const own: object = { dataset, task, parameters: tree, training };
  return own as TrialSpec;
}

/** What a study drew for a trial; undefined for a trial of another sweep. */
export const drawnParameters = (trial: TrialSpec): Record<string, unknown> | undefined =>
  (trial as { parameters?: Record<string, unknown> }).parameters;
