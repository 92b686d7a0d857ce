import type { Tensor } from '../engines/tfjs';

/**
 * What one step of a recurrent layer computes, over all lanes at once, with plain operations that every backend has.
 * A new cell is one file beside this one and one entry in cells.ts.
 *
 * Shapes: projected [lane, batch, gates·hidden]; a state [lane, batch, hidden]; states[0] is the output h.
 * The arithmetic of a lane, and of a batch row, must not depend on the others.
 */
export interface Cell {
  readonly name: string;
  /** Blocks of `hidden` columns in a kernel, in PyTorch's order. */
  readonly gates: number;
  /** How many states are carried: 1 for h alone, 2 for h and c. */
  readonly states: number;
  /**
   * Whether a unit whose weights and initial states are all 0 keeps its states and gradients at 0, so that layers of
   * near sizes can share an array by zero padding.
   */
  readonly zeroPreserving: boolean;
  /**
   * Whether b_hh acts inside the recurrent product's own nonlinearity, so that it cannot be added to b_ih beforehand.
   */
  readonly separateRecurrentBias: boolean;
  /** One step. `saved` is what `gradient` needs of it, each [lane, batch, hidden]. */
  step(projected: Tensor, states: readonly Tensor[], weights: CellWeights): CellStep;
  /**
   * The gradient in closed form, where it is worth the writing: it runs in fewer operations than what is recorded of
   * `step`. Without it the layer is differentiated by TensorFlow.js. A test holds the two together.
   */
  readonly gradient?: CellGradient;
}

export interface CellWeights {
  /** The recurrent kernel U, [lane, hidden, gates·hidden]. */
  kernel: Tensor;
  /** b_hh, [lane, 1, gates·hidden], only for a cell with `separateRecurrentBias`. */
  bias?: Tensor;
}

export interface CellStep {
  states: Tensor[];
  saved: Tensor[];
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
