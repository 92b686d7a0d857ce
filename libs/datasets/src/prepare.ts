import { misplacedOption, tasks } from '@unroll/contracts';
import { describeData } from './describe';
import { DatasetError } from './prepared/data';
import { readerFor } from './readers';
import { voidTest } from './prepared/split';
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
  const without = misplaced
    ? ignored(misplaced.path, `is for data of the kind ${misplaced.kind}, but this is ${source.kind}`, preparation)
    : [];
  const { data, baselines, facts, warnings = [] } = readerFor(source.kind, task.kind).prepare(source, preparation);
  const why = data.kind === 'examples' ? voidTest(dataset, data.ownParts) : undefined;
  const untested = why === undefined ? [] : ignored('dataset.split.test', why, preparation);
  return { data, baselines, facts: facts ?? [describeData(data)], warnings: [...warnings, ...without, ...untested] };
}

/** The warning of an option that has no effect on the data. @throws DatasetError where a person can still leave it out */
function ignored(option: string, why: string, { isSubmission }: Preparation): string[] {
  if (isSubmission) throw new DatasetError(`${option}: ${why}; leave it out`, option);
  return [`${option} is ignored: ${why}`];
}
