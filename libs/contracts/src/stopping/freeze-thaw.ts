import { minimum } from './minimum';
import type { StoppingRuleDefinition } from './rule';

export const freezeThaw = {
  rule: 'freeze-thaw',
  description:
    'freeze-thaw stops configurations at rungs that double, and continues those that are expected to gain more than new ones, also later ' +
    '(Swersky et al. 2014)',
  decides: 'resume',
  options: { minUpdates: minimum.minUpdates },
} as const satisfies StoppingRuleDefinition;
