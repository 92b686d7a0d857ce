import type { DataReading, DatasetSpec, TaskKind, TaskSpec } from '@unroll/contracts';
import type { Split } from './split';

/** The parts of a trial that preparation depends on. */
export interface Preparation<Kind extends TaskKind = TaskKind> {
  dataset: DatasetSpec & Pick<Split, 'isWhole'>;
  task: TaskSpec & { kind: Kind };
  /** Vocabulary and scaling of a trained network, used in place of fitting them to the data. */
  reading?: DataReading | undefined;
  /**
   * Whether a person has just given the options, who can still mend them: what the data make void is then refused. For stored trials it is
   * a warning. Default: false.
   */
  isSubmission?: boolean | undefined;
}
