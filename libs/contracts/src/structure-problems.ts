import type { z } from 'zod';
import type { ModelSpec } from './model-spec';
import type { TaskKind } from './task-spec';
import type { training } from './training-spec';

interface Parts {
  dataset: { longer: string };
  model: ModelSpec;
  training: z.infer<typeof training>;
}

type Problem = [path: string, message: string];

/** What makes no sense for data that are neither a stream nor a row of steps with an answer each: recordings with a text, and trees. */
export function structureProblems(kind: TaskKind, parts: Parts): Problem[] {
  if (kind === 'transcription') return transcriptionProblems(parts);
  return kind === 'tree-classification' ? treeProblems(parts) : [];
}

function transcriptionProblems({ dataset, training: { labelSmoothing, augmentation } }: Parts): Problem[] {
  const cases: [boolean, ...Problem][] = [
    [
      dataset.longer === 'cut',
      'dataset.longer',
      'a recording that is cut no longer says its text; raise dataset.maximumSteps',
    ],
    [labelSmoothing > 0, 'training.labelSmoothing', 'a transcription has no class for each step; leave it out'],
    [augmentation.tokenDropout > 0, 'training.augmentation.tokenDropout', 'recordings have no tokens; leave it out'],
  ];
  return refused(cases);
}

function treeProblems({ dataset, model, training: { bptt, augmentation } }: Parts): Problem[] {
  const cases: [boolean, ...Problem][] = [
    [model.cell !== 'lstm', 'model.cell', `a tree is read by the cell lstm, not by ${model.cell}`],
    [model.bidirectional, 'model.bidirectional', 'a tree is read from its leaves to its root; leave it out'],
    [model.layers > 1, 'model.layers', 'a tree is read by one layer; leave it out'],
    [model.residual, 'model.residual', 'a tree is read by one layer; leave it out'],
    [model.dropout > 0, 'model.dropout', 'a tree is read by one layer; leave it out'],
    [
      model.recurrentDropout > 0,
      'model.recurrentDropout',
      'a tree has no state that is the same at each step; leave it out',
    ],
    [model.learnedInitialState, 'model.learnedInitialState', 'a leaf has no state before it; leave it out'],
    [bptt !== undefined && bptt !== 'full', 'training.bptt', 'the gradient reaches every node of a tree; leave it out'],
    [dataset.longer === 'cut', 'dataset.longer', 'a tree cannot be cut; raise dataset.maximumSteps'],
    [augmentation.jitter > 0, 'training.augmentation.jitter', 'the leaves of a tree are words; leave it out'],
    [augmentation.timeMasking > 0, 'training.augmentation.timeMasking', 'a tree has no time; leave it out'],
  ];
  return refused(cases);
}

const refused = (cases: readonly [boolean, ...Problem][]): Problem[] =>
  cases.flatMap(([isRefused, path, message]) => (isRefused ? [[path, message] as Problem] : []));
