import type { DatasetKindDefinition } from './dataset-kind';

export const pairs = {
  kind: 'pairs',
  description: 'Source and target sequences: one pair per line, separated by a tab.',
  isOrdered: false,
  archive: 'never',
  options: [],
} as const satisfies DatasetKindDefinition;
