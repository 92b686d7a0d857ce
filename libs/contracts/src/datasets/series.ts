import type { DatasetKindDefinition } from './dataset-kind';

export const series = {
  kind: 'series',
  description: 'A table of numbers over time: CSV, Parquet, Arrow, NumPy or JSON lines.',
  isOrdered: true,
  archive: 'never',
  mayBeTyped: true,
  options: ['time', 'series', 'missing', 'gaps', 'decimal'],
} as const satisfies DatasetKindDefinition;
