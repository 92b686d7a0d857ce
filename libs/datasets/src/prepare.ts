import { misplacedOption, tasks, type Baseline, type DataReading } from '@unroll/contracts';
import { prepareAudio } from './audio/audio';
import { constantAnswer } from './baseline';
import { DatasetError, type PreparedData } from './prepared/data';
import { prepareFrames } from './frames/frames';
import { prepareLabelled } from './labelled/labelled';
import { prepareFromVector } from './pairs/from-vector';
import { preparePairs } from './pairs/pairs';
import { prepareForecast } from './series/forecasting';
import { readSeries } from './series/table';
import { readBytes, type DataSource } from './source/data-source';
import { readingOf } from './reading';
import type { Preparation } from './task';
import { bigramBaseline } from './text/bigram';
import { prepareText } from './text/text';
import { prepareTrees } from './trees/trees';

export interface Prepared {
  data: PreparedData;
  /** Metrics of simple models on the same held-out data. */
  baselines: Baseline[];
}

/**
 * Prepares a data set for a trial's task and split. With `reading`, it is read as a trained network read its data.
 * A text is read in passes and in chunks; everything else at once.
 * @throws DatasetError for data that do not fit the task, in one line with the row and the remedy
 */
export function prepare(source: DataSource, { dataset, task, reading }: Preparation): Prepared {
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
  switch (task.kind) {
    case 'language-model': {
      const data = prepareText(source, task, dataset, undefined, reading?.inputVocabulary);
      return { data, baselines: [bigramBaseline(data, task.tokens)] };
    }
    case 'forecasting':
      return prepareForecast(readSeries(readBytes(source), dataset), task, dataset, reading);
    case 'multilabel-frames':
      return prepareFrames(readBytes(source), dataset, reading);
    case 'tree-classification':
      return alike(prepareTrees(source, task, dataset), reading);
    case 'sequence-to-sequence':
      return { data: preparePairs(source, task, dataset, reading), baselines: [] };
    case 'sequence-from-vector':
      return { data: prepareFromVector(source, task, dataset, reading), baselines: [] };
    case 'transcription':
      return alike({ data: prepareAudio(source, task, dataset), baselines: [] }, reading);
    default: {
      if (task.kind === 'classification' && source.kind === 'audio') {
        const data = prepareAudio(source, task, dataset);
        return alike({ data, baselines: [constantAnswer(data)] }, reading);
      }
      const data = prepareLabelled(source, task, dataset, reading);
      return { data, baselines: [constantAnswer(data)] };
    }
  }
}

/**
 * Recordings and trees can be read like earlier ones only if they are identical.
 * @throws DatasetError otherwise
 */
function alike(prepared: Prepared, reading: DataReading | undefined): Prepared {
  const own = readingOf(prepared.data);
  const differing = Object.entries(reading ?? {}).find(
    ([key, value]) => JSON.stringify(own[key as keyof DataReading]) !== JSON.stringify(value),
  );
  if (differing)
    throw new DatasetError(
      `the model was trained on different data (${differing[0]} differs); recordings and trees must be the same`,
    );
  return prepared;
}
