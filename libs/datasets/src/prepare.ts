import { misplacedOption, tasks } from '@unroll/contracts';
import { describeData } from './describe';
import { DatasetError, type PreparedData } from './prepared/data';
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
  if (misplaced)
    throw new DatasetError(
      `${misplaced.path}: is for data of the kind ${misplaced.kind}, but this is ${source.kind}; leave it out`,
    );
  const { data, baselines, facts, warnings = [] } = readerFor(source.kind, task.kind).prepare(source, preparation);
  const ignored = ignoredOptions(data, preparation);
  return { data, baselines, facts: facts ?? [describeData(data)], warnings: [...warnings, ...ignored] };
}

/** Warnings of options that have no effect on the data. @throws DatasetError for one that is being submitted */
function ignoredOptions(data: PreparedData, { dataset, isSubmission }: Preparation): string[] {
  const why = data.kind === 'examples' ? voidTest(dataset, data.ownParts) : undefined;
  if (why === undefined) return [];
  const option = 'dataset.split.test';
  if (isSubmission) throw new DatasetError(`${option}: ${why}; leave it out`, option);
  return [`${option} is ignored: ${why}`];
}
