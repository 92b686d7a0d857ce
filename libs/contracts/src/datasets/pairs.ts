import type { DatasetKindDefinition } from './dataset-kind';

export const pairs = {
  kind: 'pairs',
  description: 'Source and target sequences: a line each, parted by a tab.',
  isOrdered: false,
  archive: 'never',
  options: [],
} as const satisfies DatasetKindDefinition;
