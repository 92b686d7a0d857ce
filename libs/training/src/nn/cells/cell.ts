import type { ModelSpec } from '@unroll/contracts';
import type { ScanCell } from '@unroll/kernels';
import type { Tensor } from '../../tensor/tfjs';
import type { Start } from '../init/start';

/**
 * What one step of a recurrent layer computes, over all lanes at once, with plain operations that every backend has.
 * A new cell is one file beside this one and one entry in cells.ts.
 *
 * Shapes: projected [lane, batch, gates·hidden]; a state [lane, batch, hidden]. The output h is states[0], also of a cell that
 * carries none, unless a step gives another one.
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
  /** How many states are carried, such as 1 for h alone and 2 for h and c; 0 where each step is on its own. */
  readonly states: number;
  /** Blocks of `hidden` numbers in each of them; 1 by default. */
  readonly stateBlocks?: number;
  /** How wide each of them is, where that is not a multiple of `hidden`. */
  readonly stateWidths?: (hidden: number, heads: number) => readonly number[];
  /**
   * Whether a unit whose weights and initial states are all 0 keeps its states and gradients at 0, so that layers of
   * similar sizes can share a zero-padded array.
   */
  readonly zeroPreserving: boolean;
  /**
   * How a step sees the h before it: in a product with a kernel U, unit by unit with a weight each, or not in its gates at
   * all. The last does not support recurrent dropout.
   */
  readonly recurrence: 'kernel' | 'vector' | 'none';
  /**
   * How many biases are added to the products: b_ih and b_hh as PyTorch has it, b_ih alone, or none where the cell has
   * biases of its own.
   */
  readonly biases: 0 | 1 | 2;
  /** Whether b_hh acts inside the recurrent product's own nonlinearity, so that it cannot be added to b_ih in advance. */
  readonly separateRecurrentBias: boolean;
  /** Which block of the bias b_ih belongs to a forget gate. */
  readonly forgetBlock?: number;
  /** Its number among the fused kernels of libs/kernels; undefined for a cell that has none. */
  readonly fused?: number;
  /** Whether its gates see c, so that they do not follow from the input and h. */
  readonly gatesSeeC?: true;
  /** Whether its gradient needs h·U of every gate, which is kept beside the activated gates. */
  readonly savesProducts?: true;
  /** For a cell in which a unit sees no other one: its kernel over a whole sequence, which runs where an engine has it. */
  readonly unitScan?: UnitScan;
  /** How it is written in ONNX; undefined for a cell without an operator there. */
  readonly onnx?: OnnxOperator;
  /** Parameters of a direction of a layer beyond kernels and biases. */
  readonly own?: readonly OwnParameter[];
  /**
   * The part of a step that does not depend on the state, for a whole sequence at once: projected [lane, time, batch,
   * gates·hidden] → [lane, time, batch, ·], the input of `step` and `scan`.
   */
  prepare?(projected: Tensor, weights: CellWeights): Tensor;
  /** One step. `saved` is what `gradient` needs of it, each [lane, batch, ·]. */
  step(projected: Tensor, states: readonly Tensor[], weights: CellWeights): CellStep;
  /**
   * The gradient in closed form, where it is worthwhile: it takes fewer operations than the recorded `step`. Without it
   * TensorFlow.js differentiates the layer. A test compares the two.
   */
  readonly gradient?: CellGradient;
  /** How many numbers `scan` computes for each step beside those of units by plain operations, such as a weight for each other step. */
  readonly weightsOfSteps?: (heads: number) => number;
  /** For a cell whose `scan` is a kernel of an engine that has some: the most units of a head there, on a GPU. */
  readonly mostOfHead?: number;
  /** Whether `scan` is how it runs on every engine. */
  readonly alwaysScans?: true;
  /** All steps at once, where a cell allows it: the same numbers as from `step`, up to rounding. */
  scan?(projected: Tensor, states: readonly Tensor[], reading: Reading, weights: CellWeights): Sequence;
}

/** How the kernel `Scan` computes a cell: its inputs are x·W and the biases, unprepared. */
export interface UnitScan {
  readonly cell: ScanCell;
  /** The kernel's weights, [lane, 1 or batch, blocks·hidden]; undefined where it has none. */
  readonly weights?: (weights: CellWeights) => Tensor;
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

/**
 * An additional parameter of a cell: `blocks` numbers for each unit; with `columns` a matrix [blocks·hidden, columns·hidden], and with
 * `rows` one [rows, blocks·hidden], or for 0 blocks a vector [rows].
 */
export interface OwnParameter {
  /** In PyTorch's style, without layer and direction. */
  name: string;
  blocks: number;
  columns?: number;
  rows?: (heads: number) => number;
  /** Whether it is the bias of forget gates, which a model may set. */
  isForgetBias?: true;
  /** `default`: as PyTorch initialises all weights of a recurrent layer, uniform in ±1/√hidden. */
  start: Start | 'default';
}

export interface CellWeights {
  /** The recurrent kernel U, [lane, hidden, gates·hidden], where there is one. */
  kernel?: Tensor | undefined;
  /** b_hh, [lane, 1, gates·hidden], only for a cell with `separateRecurrentBias`. */
  bias?: Tensor | undefined;
  /**
   * The cell's own parameters by name, each [lane, 1, blocks·hidden]; a matrix [lane, columns·hidden, blocks·hidden] or [lane,
   * blocks·hidden, rows].
   */
  own?: Readonly<Record<string, Tensor>> | undefined;
  /**
   * The factor of h where it enters the gates, 0 for dropped units, [lane, batch, hidden]; the same at each step (Gal &
   * Ghahramani 2016, equation 7). Other uses of h and c are unaffected.
   */
  kept?: Tensor | undefined;
}

/** How a sequence is read. */
export interface Reading {
  /** From the last step to the first. */
  reverse: boolean;
  /** Keep what a gradient needs. */
  training: boolean;
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
}

/** The results of all steps. */
export interface Sequence {
  /** h after each step, in the order of time, undefined at steps that do not count; [lane, time, batch, hidden]. */
  outputs: Tensor;
  /** The state after the last step that counts, in the direction of reading; each [lane, batch, hidden]. */
  states: Tensor[];
}

export interface CellStep {
  states: Tensor[];
  saved: Tensor[];
  /** The output h of a cell whose states are something else, [lane, batch, hidden]. */
  output?: Tensor;
  /** Its gates' activations, 0 to 1, each [lane, batch, hidden]; undefined for a cell without gates. */
  gates?: readonly Tensor[];
}

/** The chain rule through one step, split into what can be computed for the whole sequence at once and what cannot. */
export interface CellGradient {
  /**
   * Factors that do not depend on the incoming gradient, for the whole sequence at once: all arguments are [lane, time,
   * batch, ·], `previous` being the states before each step.
   */
  factors(saved: readonly Tensor[], previous: readonly Tensor[], weights: CellWeights): Tensor[];
  /** One step backwards, from the gradients of its states and its slice of each factor, [lane, batch, ·]. */
  step(states: readonly Tensor[], factors: readonly Tensor[], weights: CellWeights): CellGradientStep;
  /** The gradients of the cell's own parameters and of what `prepare` read. */
  own?(sequence: DifferentiatedSequence, weights: CellWeights): OwnGradient;
}

export interface CellGradientStep {
  /** Gradient of `projected`, [lane, batch, gates·hidden]. */
  projected: Tensor;
  /** Gradient of the recurrent product h·U + b_hh: `projected` itself unless a gate is in between. */
  recurrent: Tensor;
  /** Gradient of each previous state other than through the recurrent product; undefined for none. */
  states: (Tensor | undefined)[];
  /** What else `own` needs of the step, each [lane, batch, hidden]. */
  own?: readonly Tensor[];
}

/** A sequence after its steps backwards: each [lane, time, batch, ·], 0 at steps that do not count where it is a gradient. */
export interface DifferentiatedSequence {
  /** x·W, before `prepare`. */
  input: Tensor;
  saved: readonly Tensor[];
  previous: readonly Tensor[];
  /** The gradient of what the steps read of x·W, and `own` of the steps. */
  projected: Tensor;
  own: readonly Tensor[];
}

export interface OwnGradient {
  /** Of x·W. */
  input: Tensor;
  /** Of the cell's own parameters, in their order, each [lane, 1, blocks·hidden]. */
  own: readonly Tensor[];
}
