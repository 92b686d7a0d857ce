import { dequantised, pruned, quantised } from './compress';
import { modelFile, storedModelFile, type Model } from './model-file';

export interface Compression {
  /** Fraction of the weights of each kind of matrix to set to 0, smallest first; 0 for none. */
  prune: number;
  /** Store matrices as 8-bit integers. */
  int8: boolean;
}

/** A smaller model: its file, and the network that a reader of the file gets. */
export function compressModel(
  { header, weights }: Model,
  { prune, int8 }: Compression,
): { file: Uint8Array; model: Model } {
  const thinned = prune > 0 ? pruned(weights, prune) : weights;
  const compression = { ...(prune > 0 ? { prune } : {}), ...(int8 ? { int8 } : {}) };
  const compressed = { ...header, compression };
  if (!int8) {
    const model = { header: compressed, weights: thinned };
    return { file: modelFile(model), model };
  }
  const stored = quantised(thinned);
  return { file: storedModelFile(compressed, stored), model: { header: compressed, weights: dequantised(stored) } };
}
