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
import { bytesOf, type DataSource } from './source/data-source';
import { readingOf } from './reading';
import type { Preparation } from './task';
import { bigramBaseline } from './text/bigram';
import { prepareText } from './text/text';
import { prepareTrees } from './trees/trees';

export interface Prepared {
  data: PreparedData;
  /** What simple models reach on the same held-out data. */
  baselines: Baseline[];
}

/**
 * A data set, made ready for a trial's task and split: read as `reading` says, where a network has learned with it.
 * A text is read in passes, a piece at a time; all else at once.
 * @throws DatasetError where it cannot serve that task, in one line that names the row and what to do
 */
export function prepare(source: DataSource, { dataset, task, reading }: Preparation): Prepared {
  const kinds = tasks[task.kind].datasets;
  if (!kinds.includes(source.kind))
    throw new DatasetError(
      `task: ${task.kind} learns from data of the kind ${kinds.join(' or ')}, but this is ${source.kind}`,
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
      return prepareForecast(readSeries(bytesOf(source), dataset), task, dataset, reading);
    case 'multilabel-frames':
      return prepareFrames(bytesOf(source), dataset, reading);
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
 * Recordings and trees are read as they were learned only where they are the very same.
 * @throws DatasetError for others
 */
function alike(prepared: Prepared, reading: DataReading | undefined): Prepared {
  const own = readingOf(prepared.data);
  const differing = Object.entries(reading ?? {}).find(
    ([key, value]) => JSON.stringify(own[key as keyof DataReading]) !== JSON.stringify(value),
  );
  if (differing)
    throw new DatasetError(
      `the model has learned with other data (${differing[0]} differs); of recordings and trees it reads its own alone`,
    );
  return prepared;
}
