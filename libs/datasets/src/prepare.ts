import type { Baseline, DatasetKind, TaskKind, TrialSpec } from '@unroll/contracts';
import { DatasetError, type ExampleData, type PreparedData } from './data';
import { prepareFrames } from './frames/frames';
import { prepareLabelled } from './labelled/labelled';
import { prepareForecast } from './series/forecasting';
import { readSeries } from './series/table';
import { bigramBaseline } from './text/bigram';
import { decodeText, prepareText } from './text/text';

export interface Prepared {
  data: PreparedData;
  /** What simple models reach on the same held-out data. */
  baselines: Baseline[];
}

/** The bytes of a data set, and what they hold. */
export interface DatasetBytes {
  kind: DatasetKind;
  bytes: Uint8Array;
}

/** The kind of data set that each task learns from. */
export const datasetKindFor: Readonly<Record<TaskKind, DatasetKind>> = {
  'language-model': 'text',
  classification: 'labelled',
  regression: 'labelled',
  tagging: 'labelled',
  forecasting: 'series',
  'multilabel-frames': 'frames',
};

/**
 * The bytes of a data set, made ready for a trial's task and split.
 * @throws DatasetError where they cannot serve that task, in one line that names the row and what to do
 */
export function prepare(
  { kind, bytes }: DatasetBytes,
  { dataset, task }: Pick<TrialSpec, 'dataset' | 'task'>,
): Prepared {
  if (datasetKindFor[task.kind] !== kind)
    throw new DatasetError(
      `task: ${task.kind} learns from data of the kind ${datasetKindFor[task.kind]}, but this is ${kind}`,
    );
  switch (task.kind) {
    case 'language-model': {
      const data = prepareText(decodeText(bytes), task, dataset);
      return { data, baselines: [bigramBaseline(data, task.tokens)] };
    }
    case 'forecasting':
      return prepareForecast(readSeries(bytes, dataset), task, dataset);
    case 'multilabel-frames':
      return prepareFrames(bytes, dataset);
    default: {
      const data = prepareLabelled(bytes, task, dataset);
      return { data, baselines: [constantAnswer(data)] };
    }
  }
}

/** What one answer for everything reaches: the most frequent class, or the mean of the training part. */
function constantAnswer({ train: { targets }, validation, targetScaling }: ExampleData): Baseline {
  const held = validation.targets;
  if (targets.kind === 'numbers' && held.kind === 'numbers') {
    const scale = targetScaling!.scale[0]!;
    const mean = targets.values.reduce((sum, value) => sum + value, 0) / targets.values.length;
    const errors = Array.from(held.values, (value) => (value - mean) * scale);
    const over = (each: (error: number) => number): number =>
      errors.reduce((sum, error) => sum + each(error), 0) / errors.length;
    const metrics = { 'validation.mse': over((error) => error ** 2), 'validation.mae': over(Math.abs) };
    return { name: 'always the mean', metrics };
  }
  const classesOf = (answers: typeof targets): ArrayLike<number> =>
    answers.kind === 'classes' ? answers.classes : (answers as { ids: Uint16Array }).ids;
  const counts = new Map<number, number>();
  for (const each of Array.from(classesOf(targets))) counts.set(each, (counts.get(each) ?? 0) + 1);
  const [frequent] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]!;
  const rights = Array.from(classesOf(held), (each): number => Number(each === frequent));
  const accuracy = rights.reduce((sum, each) => sum + each, 0) / rights.length;
  return { name: 'most frequent class', metrics: { 'validation.accuracy': accuracy } };
}
