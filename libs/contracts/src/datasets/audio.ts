import type { DatasetKindDefinition } from './dataset-kind';

export const audio = {
  kind: 'audio',
  description: 'Recordings: a folder of WAV files, with labels or a transcript.',
  isOrdered: false,
  archive: 'required',
  archiveHolds: 'recordings',
  options: ['split.group', 'centre'],
} as const satisfies DatasetKindDefinition;
