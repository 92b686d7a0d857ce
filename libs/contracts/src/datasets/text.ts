import type { DatasetKindDefinition } from './dataset-kind';

export const text = {
  kind: 'text',
  description: 'A text, read as one stream of characters, words or subwords; also of a column of Parquet or Arrow.',
  isOrdered: true,
  archive: 'never',
  mayBeTyped: true,
  options: ['text'],
} as const satisfies DatasetKindDefinition;
