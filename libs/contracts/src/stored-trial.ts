import { trialSpec, type TrialSpec } from './trial-spec';
import { validate } from './validation';

const sections = ['model', 'training'] as const;

let defaults: TrialSpec | undefined;

/**
 * A trial with the defaults of options that it lacks since it was stored before they existed: whatever reads it may rely on the schema.
 * Most have all, and are returned as they are; so is one that is no longer valid, which whoever trains it then says.
 */
export function storedTrial(stored: TrialSpec): TrialSpec {
  const whole = (defaults ??= validate(trialSpec, { dataset: 'any', task: 'language-model' }));
  const lacks = sections.some((section) =>
    Object.keys(whole[section]).some((key) => !Object.hasOwn(stored[section], key) && key !== 'updates'),
  );
  return lacks ? (trialSpec.safeParse(stored).data ?? stored) : stored;
}
