import { cells } from './cells';
import type { ModelSpec } from './model-spec';

/** The width at which a model's layers run: the bucket of its hidden size, or the size itself if padding would change the results. */
export const layerWidth = ({ cell, hiddenSize }: Pick<ModelSpec, 'cell' | 'hiddenSize'>): number =>
  cells[cell].isPadded ? hiddenBucket(hiddenSize) : hiddenSize;

/**
 * The width at which a layer of `hiddenSize` units runs, so that trials of similar sizes share one array:
 * the next multiple of 32 up to 256, then of 128. The extra units are zero padding. A trial that runs alone has this width too.
 */
export function hiddenBucket(hiddenSize: number): number {
  const step = hiddenSize <= 256 ? 32 : 128;
  return Math.ceil(hiddenSize / step) * step;
}
