import type { Baseline, DatasetKind, DataReading, TaskKind } from '@unroll/contracts';
import type { Examples, PreparedData } from '../prepared/data';
import type { EncodedInput } from '../prepared/row-by-row';
import type { Preparation } from '../prepared/preparation';
import type { DataSource } from '../source/data-source';

export interface Prepared {
  data: PreparedData;
  /** Metrics of simple models on the same held-out data. */
  baselines: Baseline[];
  /** What was read, for people: one line each. */
  facts?: string[];
  /** What may be wrong with the data, for people: one line each. */
  warnings?: string[];
}

/** What a trained network's reading of new input depends on. */
export interface Reader<Kind extends TaskKind = TaskKind> extends Omit<Preparation<Kind>, 'reading'> {
  reading: DataReading;
}

/** Reads one kind of data for the tasks that learn from it. To add one, add a file beside this one and an entry in index.ts. */
export interface DataReader<Kind extends TaskKind = TaskKind> {
  readonly dataset: DatasetKind;
  /** The tasks that it is for; undefined for all without a reader of their own for this kind of data. */
  readonly tasks?: readonly Kind[];
  /** @throws DatasetError for data that do not fit the task, in one line with the row and the remedy */
  prepare(source: DataSource, preparation: Preparation<Kind>): Prepared;
  /** Reads new input in the same way as the training data; absent if prediction on new input is not supported. @throws DatasetError */
  encode?(source: DataSource, reader: Reader<Kind>): EncodedInput;
  /**
   * Reads new input with its targets, all of it for measuring; absent where `prepare` does that with dataset.isWhole.
   * `stride`: rows between the forecasts of a series; undefined for one at its end. @throws DatasetError
   */
  score?(source: DataSource, reader: Reader<Kind>, stride?: number): { examples: Examples; baselines: Baseline[] };
}
