import type { ModelSpec } from '@unroll/contracts';
import type { Tensor } from '../tensor/tfjs';
import type { Observer } from './observer';
import type { Parameter, States } from './parameter';
import type { Input } from './stack';

/** The random draws of a lane: its masks are a pure function of seed and update. */
export interface LaneRandom {
  seed: number;
  /** The coming update, from 1. */
  update: number;
  /** Fraction that is dropped of what a layer reads from the one below; 0 in all lanes or in none. */
  dropout: number;
  /** Fraction of the state that is dropped; 0 in all lanes or in none. */
  recurrentDropout: number;
  /** Fraction of the recurrent weights that is dropped; 0 in all lanes or in none. */
  weightDrop: number;
}

export interface BodyOptions {
  /** The states before the first step, from `zeroStates` or from an earlier run. */
  states: readonly (readonly Tensor[])[];
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** Keep what a gradient needs. Without it, differentiating the result throws. */
  training: boolean;
  /** Each lane's, in training only; undefined where nothing is dropped. */
  random?: readonly LaneRandom[] | undefined;
  /** No gradient crosses a multiple of this many steps through a state; undefined for the whole sequence. */
  window?: number | undefined;
  /** In training: keep the states between segments only, and compute all else again for the gradient. */
  recompute?: boolean | undefined;
  /** Which parameters are frozen, by name. Running statistics that are normalise in training too. */
  isFrozen?: ((name: string) => boolean) | undefined;
  /** Observes the layers; excludes training. */
  observer?: Observer | undefined;
  /** Names the masks of this run where a model has several bodies, and of one step of it; '' by default. */
  masks?: { body: string; step: string } | undefined;
}

export interface BodyResult {
  /** Of the top layer, both directions side by side, 0 at steps that do not count; [lane, time, batch, directions·width]. */
  outputs: Tensor;
  /** The states after the last step that counts, in the order of those before. */
  states: Tensor[][];
  /** The new values of buffers, by parameter: the running statistics after this batch. Empty without batch normalisation. */
  buffers: Record<string, Tensor>;
}

/** The layers between a network's input and its head. A new one is one file beside this one and one entry in architectures.ts. */
export interface Architecture {
  /**
   * Whether a step reads the steps before it directly rather than through a state. Such a network has to read its last tokens again
   * to write the next one, and holds a number for each pair of steps.
   */
  readonly attendsToSteps: boolean;
  /** Whether an observer sees its layers. */
  readonly observable: boolean;
  /** Numbers per unit and step that a layer computes on the way to its output: what an estimate of memory counts. */
  gates(model: ModelSpec): number;
  /** The same of a layer and step that do not depend on its width, in plain operations; 0 if omitted. */
  weightsOfSteps?(model: ModelSpec): number;
  /** Throws Error, naming the option, for a model that has an option which it does not support. */
  requireSupported(model: ModelSpec): void;
  /** The parameters over an input of `inputs` numbers a step. */
  parameters(model: ModelSpec, inputs: number, prefix: string): Parameter[];
  /** The states before the first step of a sequence; empty where none are carried. */
  zeroStates(model: ModelSpec, lanes: number, batch: number): States;
  /** Runs all layers over whole sequences. `parameters` gives the parameters without their prefix. */
  run(model: ModelSpec, parameters: (name: string) => Tensor, input: Input, options: BodyOptions): BodyResult;
}
