import { misplacedOption, tasks } from '@unroll/contracts';
import { describeData } from './describe';
import { DatasetError } from './prepared/data';
import { readerFor } from './readers';
import type { Preparation } from './prepared/preparation';
import type { Prepared } from './readers/reader';
import type { DataSource } from './source/data-source';

/**
 * Prepares a data set for a trial's task and split. With `reading`, it is read as a trained network read its data.
 * @throws DatasetError for data that do not fit the task, in one line with the row and the remedy
 */
export function prepare(source: DataSource, preparation: Preparation): Prepared {
  const { dataset, task } = preparation;
  const kinds = tasks[task.kind].datasets;
  if (!kinds.includes(source.kind))
    throw new DatasetError(
      `task: ${task.kind} requires data of kind ${kinds.join(' or ')}, but this is ${source.kind}`,
    );
  const misplaced = misplacedOption(dataset, source.kind);
  if (misplaced)
    throw new DatasetError(
      `${misplaced.path}: is for data of the kind ${misplaced.kind}, but this is ${source.kind}; leave it out`,
    );
  const prepared = readerFor(source.kind, task.kind).prepare(source, preparation);
  return { ...prepared, facts: prepared.facts ?? [describeData(prepared.data)] };
}
