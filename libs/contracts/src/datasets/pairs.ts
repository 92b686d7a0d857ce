import type { DatasetKindDefinition } from './dataset-kind';

export const pairs = {
  kind: 'pairs',
  description:
    'Source and target sequences: one pair per line, separated by a tab, or a table with the columns source and target.',
  isOrdered: false,
  archive: 'never',
  mayBeTyped: true,
  options: [],
} as const satisfies DatasetKindDefinition;
