import type { DatasetKindDefinition } from './dataset-kind';

export const text = {
  kind: 'text',
  description: 'A text, read as one stream of characters or words.',
  isOrdered: true,
  archive: 'never',
  options: [],
} as const satisfies DatasetKindDefinition;
