import type { DataReading, TrialSpec } from '@unroll/contracts';

/** The parts of a trial that preparation depends on. */
export type Preparation = Pick<TrialSpec, 'dataset' | 'task'> & {
  /** Vocabulary and scaling of a trained network, used in place of fitting them to the data. */
  reading?: DataReading | undefined;
};
