import { cells } from './cells';
import type { ModelSpec } from './model-spec';

/** The width at which a model's layers run: the bucket of its hidden size, or the size itself if padding would change the results. */
export const layerWidth = ({ cell, hiddenSize }: Pick<ModelSpec, 'cell' | 'hiddenSize'>): number =>
  cells[cell].isPadded ? hiddenBucket(hiddenSize) : hiddenSize;

/** The units of each layer of a model, from the first, and the width at which it runs. */
export function layerUnits(
  model: Pick<ModelSpec, 'cell' | 'hiddenSize' | 'layers' | 'layerSizes'>,
): { size: number; width: number }[] {
  const { cell, hiddenSize, layers, layerSizes } = model;
  return (layerSizes ?? Array<number>(layers).fill(hiddenSize)).map((size) => ({
    size,
    width: layerWidth({ cell, hiddenSize: size }),
  }));
}

/** Whether each layer of a residual model adds what it reads: where it has as many units as the one below. */
export function residualLayers(model: Parameters<typeof layerUnits>[0]): boolean[] {
  const units = layerUnits(model);
  return units.map(({ size }, layer) => size === units[layer - 1]?.size);
}

/**
 * The width at which a layer of `hiddenSize` units runs, so that trials of similar sizes share one array:
 * 32, then the next multiple of 8 up to 64, of 32 up to 256, and then of 128. The extra units are zero padding: 33 units at a width of 64
 * would cost four times the products of the state. A trial that runs alone has this width too.
 */
export function hiddenBucket(hiddenSize: number): number {
  const step = hiddenSize <= 32 ? 32 : hiddenSize <= 64 ? 8 : hiddenSize <= 256 ? 32 : 128;
  return Math.ceil(hiddenSize / step) * step;
}
