import { z } from 'zod';
import { byName, column } from '../definition';
import { classification } from './classification';
import { forecasting } from './forecasting';
import { languageModel } from './language-model';
import { multilabelFrames } from './multilabel-frames';
import { regression } from './regression';
import { sequenceFromVector } from './sequence-from-vector';
import { sequenceToSequence } from './sequence-to-sequence';
import { tagging } from './tagging';
import type { TaskDefinition } from './task';
import { transcription } from './transcription';
import { treeClassification } from './tree-classification';

/** Every task, in the order in which they are listed. */
const list = [
  languageModel,
  classification,
  regression,
  tagging,
  multilabelFrames,
  forecasting,
  sequenceToSequence,
  sequenceFromVector,
  transcription,
  treeClassification,
] as const;

export const task = z.discriminatedUnion('kind', column(list, 'schema'));
export type TaskSpec = z.infer<typeof task>;
export type TaskKind = TaskSpec['kind'];
export const taskKinds = column(list, 'kind');
export const tasks: Readonly<Record<TaskKind, TaskDefinition>> = byName(list, 'kind');
