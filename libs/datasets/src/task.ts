import type { TrialSpec } from '@unroll/contracts';

/** What preparing needs to know of a trial. */
export type Preparation = Pick<TrialSpec, 'dataset' | 'task'>;
