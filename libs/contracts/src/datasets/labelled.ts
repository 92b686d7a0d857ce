import type { DatasetKindDefinition } from './dataset-kind';

export const labelled = {
  kind: 'labelled',
  description:
    'Sequences, vectors or trees, each with a target: JSON lines, CSV, CoNLL, bracketed trees, or a folder of texts.',
  isOrdered: false,
  archive: 'optional',
  archiveHolds: 'texts',
  options: ['text', 'label'],
} as const satisfies DatasetKindDefinition;
