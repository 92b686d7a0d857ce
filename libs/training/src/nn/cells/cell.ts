import type { ModelSpec } from '@unroll/contracts';
import type { Tensor } from '../../tensor/tfjs';
import type { Start } from '../init/start';

/**
 * What one step of a recurrent layer computes, over all lanes at once, with plain operations that every backend has.
 * A new cell is one file beside this one and one entry in cells.ts.
 *
 * Shapes: projected [lane, batch, gates·hidden]; a state [lane, batch, hidden]; states[0] is the output h, also of a cell that
 * carries none.
 * The arithmetic of a lane, and of a batch row, must not depend on the others.
 */
export interface Cell {
  /** As kernels know it: the kind, with the nonlinearity where the kind has a choice. */
  readonly name: string;
  /** As a model spec names it. */
  readonly kind: ModelSpec['cell'];
  /** Of a kind with a choice of activation, the one of this cell. */
  readonly nonlinearity?: ModelSpec['nonlinearity'];
  /** Blocks of `hidden` columns in a kernel, in PyTorch's order. */
  readonly gates: number;
  /** How many states are carried: 1 for h alone, 2 for h and c, 0 where each step stands by itself. */
  readonly states: number;
  /**
   * Whether a unit whose weights and initial states are all 0 keeps its states and gradients at 0, so that layers of
   * near sizes can share an array by zero padding.
   */
  readonly zeroPreserving: boolean;
  /**
   * How a step sees the h before it: in a product with a kernel U, unit by unit with a weight each, or not in its gates at
   * all. The last has nothing for a recurrent dropout to drop.
   */
  readonly recurrence: 'kernel' | 'vector' | 'none';
  /**
   * How many biases are added to the products: b_ih and b_hh as PyTorch has it, b_ih alone, or none where the cell has a
   * place of its own for them.
   */
  readonly biases: 0 | 1 | 2;
  /**
   * Whether b_hh acts inside the recurrent product's own nonlinearity, so that it cannot be added to b_ih beforehand.
   */
  readonly separateRecurrentBias: boolean;
  /** Which block of the bias b_ih belongs to a forget gate. */
  readonly forgetBlock?: number;
  /** Its number among the fused kernels of libs/kernels; undefined for a cell that has none. */
  readonly fused?: number;
  /** How it is written in ONNX; undefined for a cell without an operator there. */
  readonly onnx?: OnnxOperator;
  /** What a direction of a layer has beyond kernels and biases. */
  readonly own?: readonly OwnParameter[];
  /**
   * What of a step does not depend on the state, for a whole sequence at once: projected [lane, time, batch, gates·hidden] →
   * [lane, time, batch, ·], from which `step` and `scan` then get their part.
   */
  prepare?(projected: Tensor, weights: CellWeights): Tensor;
  /** One step. `saved` is what `gradient` needs of it, each [lane, batch, hidden]. */
  step(projected: Tensor, states: readonly Tensor[], weights: CellWeights): CellStep;
  /**
   * The gradient in closed form, where it is worth the writing: it runs in fewer operations than what is recorded of
   * `step`. Without it the layer is differentiated by TensorFlow.js. A test holds the two together.
   */
  readonly gradient?: CellGradient;
  /** All steps at once, where a cell allows it: the same numbers as `step` gives one after the other, but for rounding. */
  scan?(projected: Tensor, states: readonly Tensor[], reading: Reading): Sequence;
}

/** A cell's operator in ONNX, and the position of each of its gates among ours. */
export interface OnnxOperator {
  name: 'RNN' | 'LSTM' | 'GRU';
  /** Our block for each of ONNX's: its LSTM has i, o, f, c, its GRU z, r, h. */
  order: readonly number[];
  attributes?: Readonly<Record<string, number>>;
  /** Our peephole weights, in ONNX's order. */
  peepholes?: readonly string[];
}

/** A parameter of a cell's own: `blocks` times as many numbers as there are units. */
export interface OwnParameter {
  /** As a weight of PyTorch's would be called, without layer and direction. */
  name: string;
  blocks: number;
  /** `default`: as PyTorch starts all weights of a recurrent layer, uniform in ±1/√hidden. */
  start: Start | 'default';
}

export interface CellWeights {
  /** The recurrent kernel U, [lane, hidden, gates·hidden], where there is one. */
  kernel?: Tensor | undefined;
  /** b_hh, [lane, 1, gates·hidden], only for a cell with `separateRecurrentBias`. */
  bias?: Tensor | undefined;
  /** The cell's own parameters by name, each [lane, 1, blocks·hidden]. */
  own?: Readonly<Record<string, Tensor>> | undefined;
  /**
   * What h is multiplied by where it enters the gates, 0 for units that are dropped, [lane, batch, hidden]; the same at each
   * step (Gal & Ghahramani 2016, equation 7). What else becomes of h and c is untouched.
   */
  kept?: Tensor | undefined;
}

/** How a sequence is read. */
export interface Reading {
  /** From the last step to the first. */
  reverse: boolean;
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
}

/** What all steps give. */
export interface Sequence {
  /** h after each step, in the order of time, whatever at steps that do not count; [lane, time, batch, hidden]. */
  outputs: Tensor;
  /** The state after the last step that counts, in the direction of reading; each [lane, batch, hidden]. */
  states: Tensor[];
}

export interface CellStep {
  states: Tensor[];
  saved: Tensor[];
  /** What its gates let through, between 0 and 1, each [lane, batch, hidden]; undefined where it has none. */
  gates?: readonly Tensor[];
}

/** The chain rule through one step, split into what can be computed for the whole sequence at once and what cannot. */
export interface CellGradient {
  /**
   * Factors that do not depend on what flows back, for the whole sequence at once: all arguments are
   * [lane, time, batch, hidden], `previous` being the states before each step.
   */
  factors(saved: readonly Tensor[], previous: readonly Tensor[]): Tensor[];
  /** One step backwards, from the gradients of its states and its slice of each factor, [lane, batch, ·]. */
  step(states: readonly Tensor[], factors: readonly Tensor[]): CellGradientStep;
}

export interface CellGradientStep {
  /** Gradient of `projected`, [lane, batch, gates·hidden]. */
  projected: Tensor;
  /** Gradient of the recurrent product h·U + b_hh: `projected` itself but where a gate stands between. */
  recurrent: Tensor;
  /** Gradient of each previous state other than through the recurrent product; undefined for none. */
  states: (Tensor | undefined)[];
}
