import { layerWidth, type ModelSpec } from '@unroll/contracts';
import { cellOf } from './cells/cells';
import type { Tensor } from '../tensor/tfjs';
import type { Axis, Parameter } from './parameter';
import { dropoutMask } from '../functional/dropout';
import { batchNorm, runningNorm, type BatchNorm } from './batch-norm';
import { begunStates, endedStates, zeroStates } from './initial-states';
import type { Observer } from './observer';
import { directionsOf, recurrentParameters } from './recurrent-parameters';
import { recurrentStack, type Input } from './stack';
import { transformer, transformerParameters } from './transformer';

export { zeroStates };

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
  /** The states before the first step, those of `zeroStates` or of a run before. */
  states: readonly (readonly Tensor[])[];
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** Keep what a gradient needs. Without it, differentiating the result throws. */
  training: boolean;
  /** Each lane's, in training alone; undefined where nothing is dropped. */
  random?: readonly LaneRandom[] | undefined;
  /** No gradient crosses a multiple of so many steps through a state; undefined for the whole sequence. */
  window?: number | undefined;
  /** Who looks into the layers: instead of training. */
  observer?: Observer | undefined;
  /** Names the masks of this run where a model has several bodies, and of one step of it; '' where not given. */
  masks?: { body: string; step: string } | undefined;
}

export interface BodyResult {
  /** Of the top layer, both directions side by side, 0 at steps that do not count; [lane, time, batch, directions·width]. */
  outputs: Tensor;
  /** The states after the last step that counts, in the order of those before. */
  states: Tensor[][];
  /** What training measured, by parameter: the running statistics after this batch. Empty but for batch normalisation. */
  measured: Record<string, Tensor>;
}

/** The parameters of a network between its input of `inputs` numbers a step and its head. */
export const bodyParameters = (model: ModelSpec, inputs: number, prefix: string): Parameter[] =>
  (model.cell === 'transformer' ? transformerParameters : recurrentParameters)(model, inputs, prefix);

/** What a head reads: the units of the top layer, a block for each direction. */
export const outputAxis = (model: ModelSpec): Axis => ({
  blocks: directionsOf(model).length,
  size: model.hiddenSize,
  width: layerWidth(model),
});

/** How wide the outputs are, padding included. */
export const outputWidth = (model: ModelSpec): number => directionsOf(model).length * layerWidth(model);

/**
 * Throws Error, naming what, where a model asks for what its cell has not.
 */
function requirePossible(model: ModelSpec): void {
  const { cell, heads, hiddenSize } = model;
  if (cell === 'transformer' && model.bidirectional) throw new Error('a transformer sees the steps before it alone');
  if (cell === 'transformer' && hiddenSize % heads !== 0)
    throw new Error(`hiddenSize ${hiddenSize} is no multiple of heads ${heads}`);
  if (model.recurrentDropout > 0 && (cell === 'transformer' || cellOf(model).recurrence === 'none'))
    throw new Error(`the gates of ${cell} see no state of which recurrentDropout could drop any`);
}

/**
 * Runs all layers over whole sequences. `parameters` gives those of `bodyParameters` without the prefix. Differentiable in the
 * parameters and in what `input` reads. Throws Error for what a cell has not, such as a recurrent dropout where gates see no state.
 *
 * A layer that drops a part of its state runs as plain operations, whatever kernels the engine has for its cell.
 */
export function runBody(
  model: ModelSpec,
  parameters: (name: string) => Tensor,
  input: Input,
  { states, valid, training, random, window, observer, masks: names = { body: '', step: '' } }: BodyOptions,
): BodyResult {
  requirePossible(model);
  const { layers, bidirectional, residual, parallelScan } = model;
  const masks = masksOf(training && !observer ? random : undefined, directionsOf(model).length, names);
  if (model.cell === 'transformer')
    return {
      outputs: transformer(model, parameters, input, { valid, dropped: masks?.dropped }),
      states: [],
      measured: {},
    };
  const norms = model.batchNorm ? normsOf(parameters, valid, training && !observer) : undefined;
  const result = recurrentStack(
    { cell: cellOf(model), layers, bidirectional, residual, parameters },
    input,
    begunStates(model, parameters, states),
    {
      valid,
      training: training || observer !== undefined,
      window: observer ? undefined : window,
      parallelScan,
      observer,
      normalised: norms?.normalised,
      ...masks,
    },
  );
  const [lanes, , batch] = result.outputs.shape as [number, number, number];
  const after = endedStates(model, result.states, lanes, batch);
  return { outputs: result.outputs, states: after, measured: norms?.measured ?? {} };
}

/** Batch normalisation of what each direction of a layer reads: by the batch in training, else by the running statistics. */
function normsOf(parameters: (name: string) => Tensor, valid: Tensor | undefined, training: boolean) {
  const measured: Record<string, Tensor> = {};
  const normalised = (suffix: string, projected: Tensor): Tensor => {
    const name = (own: string): string => `norm_ih${suffix}.${own}`;
    const norm: BatchNorm = {
      weight: parameters(name('weight')),
      bias: parameters(name('bias')),
      mean: parameters(name('running_mean')),
      variance: parameters(name('running_var')),
    };
    if (!training) return runningNorm(projected, valid, norm);
    const { values, running } = batchNorm(projected, valid, norm);
    measured[name('running_mean')] = running.mean;
    measured[name('running_var')] = running.variance;
    return values;
  };
  return { measured, normalised };
}

/** The masks of an update. A place is a layer or a part of it, by name. */
function masksOf(
  random: readonly LaneRandom[] | undefined,
  directions: number,
  { body, step }: { body: string; step: string },
) {
  if (!random) return undefined;
  const lanes = (rate: 'dropout' | 'recurrentDropout') =>
    random.map((lane) => ({ seed: lane.seed, update: lane.update, rate: lane[rate] }));
  return {
    dropped: (place: number | string, rows: number, width: number): Tensor | undefined =>
      dropoutMask(lanes('dropout'), `${body}output ${step}${place}`, {
        rows,
        blocks: directions,
        width: width / directions,
      }),
    droppedState: (place: string, batch: number, width: number): Tensor | undefined =>
      dropoutMask(lanes('recurrentDropout'), `${body}state ${place}`, { rows: batch, blocks: 1, width }),
  };
}
