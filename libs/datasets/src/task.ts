import type { DataReading, TrialSpec } from '@unroll/contracts';

/** What preparing needs to know of a trial. */
export type Preparation = Pick<TrialSpec, 'dataset' | 'task'> & {
  /** What is not to be fitted to the data, since a network has learned with it. */
  reading?: DataReading | undefined;
};
