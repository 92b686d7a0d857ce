import type { DatasetKind, TaskKind } from '@unroll/contracts';
import { audio } from './audio';
import { frames } from './frames';
import { fromVector } from './from-vector';
import { labelled } from './labelled';
import { pairs } from './pairs';
import type { DataReader } from './reader';
import { series } from './series';
import { text } from './text';
import { trees } from './trees';

/** Every reader of data. */
export const readers: readonly DataReader[] = [text, series, labelled, fromVector, trees, pairs, frames, audio];

/** The reader of a kind of data for a task. @throws Error if there is none: readers.spec.ts checks all combinations that are accepted */
export function readerFor(dataset: DatasetKind, task: TaskKind): DataReader {
  const ofKind = readers.filter((reader) => reader.dataset === dataset);
  const reader = ofKind.find(({ tasks }) => tasks?.includes(task)) ?? ofKind.find(({ tasks }) => tasks === undefined);
  if (!reader) throw new Error(`there is no reader of ${dataset} data for the task ${task}`);
  return reader;
}
