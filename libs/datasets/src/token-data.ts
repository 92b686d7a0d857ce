/** A text that is ready for a language model: token numbers, split into the part to learn from and the part held out. */
export interface TokenData {
  /** Symbol of each token number; sorted, so that it depends on the text alone. */
  vocabulary: readonly string[];
  train: Uint16Array;
  validation: Uint16Array;
}

/** A data set that cannot serve what is asked of it. The message is one line. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}
