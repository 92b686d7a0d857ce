import { z } from 'zod';
import { cells } from './cells';
import { cellRefusals } from './cells/refusals';
import { dataset, fileDataset } from './dataset-spec';
import { columnRules } from './datasets/columns';
import { refusals, type Refusal } from './definition';
import { model } from './model-spec';
import { strict } from './strict';
import { taskShorthand } from './task-spec';
import { tasks } from './tasks';
import { taskRefusals } from './tasks/refusals';
import { standardUpdates, training } from './training-spec';

/** The parts of a specification that a sweep searches over, in display order. */
export const trialShape = {
  dataset,
  task: taskShorthand,
  model: model.prefault({}).describe('The network.'),
  training: training.prefault({}).describe('How it is trained.'),
};

/** A trial before the defaults that depend on its task. */
export type TrialParts = Parameters<typeof taskRefusals>[0] & { dataset: Parameters<typeof columnRules>[0] };

/** Why combinations of keys that make no sense are refused, by the rules of the definitions. Nothing is ignored. */
export const trialRefusals = (parts: TrialParts): Refusal[] => [
  ...refusals(columnRules(parts.dataset)),
  ...cellRefusals(parts.model),
  ...taskRefusals(parts),
];

function crossCheck(parts: TrialParts, context: z.RefinementCtx): void {
  for (const [path, message] of trialRefusals(parts))
    context.addIssue({ code: 'custom', path: path.split('.'), message });
}

/**
 * Fills in the defaults that depend on the task: the window, whether a state is carried, and the length of training; and the number of
 * layers and the size of the top one, where they are listed.
 */
function completed<Spec extends TrialParts>(spec: Spec) {
  const { bptt, stateful, updates, epochs, ...training } = spec.training;
  const isStream = tasks[spec.task.kind].reads === 'stream';
  const hasState = cells[spec.model.cell].states.length > 0;
  const { layerSizes } = spec.model;
  return {
    ...spec,
    model: { ...spec.model, ...(layerSizes && { layers: layerSizes.length, hiddenSize: layerSizes.at(-1)! }) },
    training: {
      bptt: bptt ?? (isStream ? 64 : ('full' as const)),
      stateful: stateful ?? (isStream && hasState && !spec.model.learnedInitialState),
      ...(epochs === undefined ? { updates: updates ?? standardUpdates } : { epochs }),
      ...training,
    },
  };
}

/** One trial: every value is fixed and every default filled in. */
export const trialSpec = strict(trialShape).superRefine(crossCheck).transform(completed);

/** What `unroll train` reads: a trial whose data may be in a file. It ignores the keys of a sweep, with a notice. */
export const trainFile = strict({
  ...trialShape,
  dataset: z.union([trialShape.dataset, fileDataset]),
  $schema: z.unknown().optional(),
  name: z.unknown().optional(),
  objective: z.unknown().optional(),
  objectives: z.unknown().optional(),
  search: z.unknown().optional(),
  stopping: z.unknown().optional(),
  budget: z.unknown().optional(),
})
  .refine(({ dataset: { fold } }) => !fold || fold.index !== undefined, {
    path: ['dataset', 'fold', 'index'],
    error: 'is missing: only a sweep trains on each part in turn',
  })
  .superRefine(crossCheck)
  .transform(completed);

/** How a trial is trained, with all defaults; either `updates` or `epochs` is set. */
export type TrainingSpec = Omit<z.infer<typeof training>, 'bptt' | 'stateful'> & {
  bptt: NonNullable<z.infer<typeof training>['bptt']>;
  stateful: boolean;
};
export type TrialSpec = Omit<z.infer<typeof trialSpec>, 'training'> & { training: TrainingSpec };
export type TrainFile = Omit<z.infer<typeof trainFile>, 'training'> & { training: TrainingSpec };
