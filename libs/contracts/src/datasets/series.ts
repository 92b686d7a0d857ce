import type { DatasetKindDefinition } from './dataset-kind';

export const series = {
  kind: 'series',
  description: 'A table of numbers over time: CSV with a header.',
  isOrdered: true,
  archive: 'never',
  options: ['time', 'series', 'missing', 'gaps', 'decimal'],
} as const satisfies DatasetKindDefinition;
