import type { DatasetKindDefinition } from './dataset-kind';

export const frames = {
  kind: 'frames',
  description: 'Sequences of frames, each a set of labels: JSON.',
  isOrdered: false,
  archive: 'never',
  options: [],
} as const satisfies DatasetKindDefinition;
