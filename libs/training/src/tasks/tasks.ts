import type { TaskKind } from '@unroll/contracts';
import { classification } from './classification';
import { forecasting } from './forecasting';
import { languageModel } from './language-model';
import { multilabelFrames } from './multilabel-frames';
import { regression } from './regression';
import { sequenceFromVector } from './sequence-from-vector';
import { sequenceToSequence } from './sequence-to-sequence';
import { tagging } from './tagging';
import type { Task } from './task';
import { transcription } from './transcription';
import { treeClassification } from './tree-classification';

/** Every task there is, by its kind. */
const tasks: readonly Task[] = [
  languageModel,
  classification,
  regression,
  tagging,
  forecasting,
  multilabelFrames,
  sequenceToSequence,
  sequenceFromVector,
  transcription,
  treeClassification,
];
const byKind = new Map<TaskKind, Task>(tasks.map((task) => [task.kind, task]));

/** The task of a kind. Throws Error where there is none. */
export function taskOf(kind: TaskKind): Task {
  const found = byKind.get(kind);
  if (!found) throw new Error(`there is no task ${kind}; known are ${[...byKind.keys()].join(', ')}`);
  return found;
}
