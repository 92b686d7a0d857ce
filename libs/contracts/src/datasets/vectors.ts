import type { DatasetKindDefinition } from './dataset-kind';

/** No task learns from it: trials start from it (training.initFrom.embedding). */
export const vectors = {
  kind: 'vectors',
  description: 'Word vectors to start from, not to learn from: a text as GloVe and word2vec write it, also gzip.',
  isOrdered: false,
  archive: 'never',
  mostUncompressed: 2 ** 34,
  options: [],
} as const satisfies DatasetKindDefinition;
