import type { DataReading, DatasetSpec, TaskKind, TaskSpec } from '@unroll/contracts';
import type { Split } from './split';

/** The parts of a trial that preparation depends on. */
export interface Preparation<Kind extends TaskKind = TaskKind> {
  dataset: DatasetSpec & Pick<Split, 'isWhole'>;
  task: TaskSpec & { kind: Kind };
  /** Vocabulary and scaling of a trained network, used in place of fitting them to the data. */
  reading?: DataReading | undefined;
}
