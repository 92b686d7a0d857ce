import { layerUnits, type ModelSpec } from '@unroll/contracts';
import type { Tensor } from '../tensor/tfjs';
import type { BodyOptions, BodyResult } from './architecture';
import { getArchitecture } from './architectures';
import type { Axis, Parameter, States } from './parameter';
import { directionSuffixes } from './recurrent-parameters';
import type { Input } from './stack';

export type { BodyOptions, BodyResult };

/** The parameters of a network between its input of `inputs` numbers a step and its head. */
export const bodyParameters = (model: ModelSpec, inputs: number, prefix: string): Parameter[] =>
  getArchitecture(model).parameters(model, inputs, prefix);

/**
 * The states of sequences that have not begun, first by state (h, c), then by layer and direction; each [lane, batch,
 * width], all 0.
 */
export const zeroStates = (model: ModelSpec, lanes: number, batch: number): States =>
  getArchitecture(model).zeroStates(model, lanes, batch);

/** What a head reads: the units of the top layer, a block for each direction. */
export const outputAxis = (model: ModelSpec): Axis => ({
  blocks: directionSuffixes(model).length,
  ...layerUnits(model).at(-1)!,
});

/** The width of the outputs, padding included. */
export const outputWidth = (model: ModelSpec): number =>
  directionSuffixes(model).length * layerUnits(model).at(-1)!.width;

/**
 * Runs all layers over whole sequences. `parameters` gives those of `bodyParameters` without the prefix. Differentiable in
 * the parameters and in what `input` reads. Throws Error for an option that the cell does not support, such as a recurrent
 * dropout where gates see no state.
 *
 * A layer that drops a part of its state runs as plain operations, even where the engine has a kernel for its cell.
 */
export function runBody(
  model: ModelSpec,
  parameters: (name: string) => Tensor,
  input: Input,
  options: BodyOptions,
): BodyResult {
  const architecture = getArchitecture(model);
  architecture.requireSupported(model);
  return architecture.run(model, parameters, input, options);
}
