import type { MetricDefinition } from './metric';

export const bitsPerCharacter = {
  name: 'validation.bitsPerCharacter',
  goal: 'minimize',
  unit: 'bits',
  range: [0, Infinity],
  description:
    'Loss of all tokens per character of the text, in base 2: comparable between characters and subwords. A model of words has none.',
  per: 'character',
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
