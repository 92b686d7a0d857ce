import type { DatasetKindDefinition } from './dataset-kind';

export const audio = {
  kind: 'audio',
  description: 'Recordings: a folder of WAV files, with labels or transcripts.',
  isOrdered: false,
  archive: 'required',
  archiveHolds: 'recordings',
  options: ['split.group', 'centre'],
} as const satisfies DatasetKindDefinition;
