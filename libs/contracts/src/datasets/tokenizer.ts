import type { DatasetKindDefinition } from './dataset-kind';

/** No task learns from it: it says what the tokens of a text are (task.tokenizer). */
export const tokenizer = {
  kind: 'tokenizer',
  description: "The subwords of a language model: a tokenizer.json of Hugging Face's tokenizers, of byte-level BPE.",
  isOrdered: false,
  archive: 'never',
  options: [],
} as const satisfies DatasetKindDefinition;
