import type { DatasetKindDefinition } from './dataset-kind';

export const labelled = {
  kind: 'labelled',
  description:
    'Sequences, vectors or trees, each with a target: JSON lines, CSV, Parquet, Arrow, NumPy, CoNLL, bracketed trees, or a folder of texts or of parts.',
  isOrdered: false,
  archive: 'optional',
  archiveHolds: 'texts',
  mayBeTyped: true,
  options: ['text', 'label'],
} as const satisfies DatasetKindDefinition;
