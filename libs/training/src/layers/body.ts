import { layerWidth, type ModelSpec } from '@unroll/contracts';
import { cellOf } from '../cells/cells';
import { tf, type Tensor } from '../engines/tfjs';
import { recurrentParameters, type Axis, type Parameter } from '../parameters';
import { recurrentStack, type Input } from './stack';

/** What is random in a lane: its masks are a pure function of seed and update. */
export interface LaneRandom {
  seed: number;
  /** The update that is to come, from 1. */
  update: number;
  /** Part of what a layer reads from the one below that is dropped; 0 in all lanes or in none. */
  dropout: number;
  /** Part of the state that is dropped; 0 in all lanes or in none. */
  recurrentDropout: number;
}

export interface BodyOptions {
  /** The states before the first step: first by state (h, c), then by layer and direction; each [lane, batch, width]. */
  states: readonly (readonly Tensor[])[];
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** Keep what a gradient needs. Without it, differentiating the result throws. */
  training: boolean;
  /** Each lane's, in training alone; undefined where nothing is dropped. */
  random?: readonly LaneRandom[] | undefined;
  /** No gradient crosses a multiple of so many steps; undefined for the whole sequence. */
  window?: number | undefined;
}

export interface BodyResult {
  /** Of the top layer, both directions side by side, 0 at steps that do not count; [lane, time, batch, directions·width]. */
  outputs: Tensor;
  /** The states after the last step that counts, in the order of those before. */
  states: Tensor[][];
}

/** The parameters of a network between its input of `inputs` numbers a step and its head. */
export const bodyParameters = (model: ModelSpec, inputs: number, prefix: string): Parameter[] =>
  recurrentParameters(model, inputs, prefix);

/** What a head reads: the units of the top layer, a block for each direction. */
export const outputAxis = (model: ModelSpec): Axis => ({
  blocks: model.bidirectional ? 2 : 1,
  size: model.hiddenSize,
  width: layerWidth(model),
});

/** How wide the outputs are, padding included. */
export const outputWidth = (model: ModelSpec): number => (model.bidirectional ? 2 : 1) * layerWidth(model);

/** States of zeros, in the order of `BodyOptions.states`; none for a cell that carries none. */
export function zeroStates(model: ModelSpec, lanes: number, batch: number): Tensor[][] {
  const places = model.layers * (model.bidirectional ? 2 : 1);
  return Array.from({ length: cellOf(model).states }, () =>
    Array.from({ length: places }, () => tf.zeros([lanes, batch, layerWidth(model)])),
  );
}

/**
 * Runs all layers over whole sequences. `parameters` gives those of `bodyParameters` without the prefix. Differentiable in the
 * parameters and in what `input` reads.
 */
export function runBody(
  model: ModelSpec,
  parameters: (name: string) => Tensor,
  input: Input,
  { states, valid, training }: BodyOptions,
): BodyResult {
  const { layers, bidirectional } = model;
  return recurrentStack({ cell: cellOf(model), layers, bidirectional, parameters }, input, states, { valid, training });
}

/** The same of one model whose parameters have a prefix. */
export const openBody = (model: ModelSpec, prefix: string) => ({
  zeroStates: (lanes: number, batch: number): Tensor[][] => zeroStates(model, lanes, batch),
  run: (parameters: (name: string) => Tensor, input: Input, options: BodyOptions): BodyResult =>
    runBody(model, (name) => parameters(`${prefix}${name}`), input, options),
});
