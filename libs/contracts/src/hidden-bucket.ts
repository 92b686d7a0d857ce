import type { ModelSpec } from './model-spec';

/**
 * Cells of which a unit whose weights are all 0 stays at 0, so that layers of near sizes can share an array by zero padding. Not the
 * normalised one, whose mean is over all units, nor those whose state is squashed above 0.
 */
const padded: readonly ModelSpec['cell'][] = ['rnn', 'lstm', 'gru', 'peephole-lstm', 'ind-rnn'];

/** The width at which a model's layers run: the bucket of its hidden size, or that size itself where padding would change numbers. */
export const layerWidth = ({ cell, hiddenSize }: Pick<ModelSpec, 'cell' | 'hiddenSize'>): number =>
  padded.includes(cell) ? hiddenBucket(hiddenSize) : hiddenSize;

/**
 * The width at which a layer of `hiddenSize` units runs, so that trials of near sizes share one array:
 * the next multiple of 32 up to 256, then of 128. The units in between are zero padding. A trial alone runs at this width too.
 */
export function hiddenBucket(hiddenSize: number): number {
  const step = hiddenSize <= 256 ? 32 : 128;
  return Math.ceil(hiddenSize / step) * step;
}
