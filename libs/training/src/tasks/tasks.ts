import type { TaskKind, TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import type { Parameter } from '../nn/parameter';
import { classification } from './classification';
import { forecasting } from './forecasting';
import { languageModel } from './language-model';
import { multilabelFrames } from './multilabel-frames';
import { regression } from './regression';
import { sequenceFromVector } from './sequence-from-vector';
import { sequenceToSequence } from './sequence-to-sequence';
import { tagging } from './tagging';
import type { AnyTask, OpenTask, SequenceAnswers } from './task';
import { requireData } from './task-data';
import { transcription } from './transcription';
import { treeClassification } from './tree-classification';

/** Every task. */
export const tasks: readonly AnyTask[] = [
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
const byKind = new Map<TaskKind, AnyTask>(tasks.map((task) => [task.kind, task]));

/** The task of a kind. Throws Error where there is none. */
export function getTask(kind: TaskKind): AnyTask {
  const found = byKind.get(kind);
  if (!found) throw new Error(`there is no task ${kind}; available: ${[...byKind.keys()].join(', ')}`);
  return found;
}

/** The parameters of one lane of a trial. Throws Error for data that its task cannot use. */
export function taskParameters(spec: TrialSpec, data: PreparedData): Parameter[] {
  const task = getTask(spec.task.kind);
  requireData(task, data);
  return task.parameters(spec, data);
}

/** How a trial's network answers single sequences of its data; undefined where it has no such form. */
export function sequenceAnswers(spec: TrialSpec, data: PreparedData): SequenceAnswers | undefined {
  const task = getTask(spec.task.kind);
  requireData(task, data);
  return task.answers?.(spec, data);
}

/** The task of a trial over its data. Throws Error for data that the task cannot use. */
export function openTask(spec: TrialSpec, data: PreparedData): OpenTask<unknown> {
  const task = getTask(spec.task.kind);
  requireData(task, data);
  return task.open(spec, data);
}
