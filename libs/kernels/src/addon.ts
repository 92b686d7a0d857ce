import type { LayerKernels } from './layer-kernels';
import type { NativeRule } from './update-rules';

/** The instruction sets that the kernels are built for. */
export type InstructionSet = 'amx' | 'avx512' | 'avx2' | 'neon' | 'portable';

/** What the operands of matrix products are rounded to; they are summed up in float32. */
export type ProductPrecision = 'float32' | 'bfloat16';

/** What both directions of a recurrent layer share; L lanes, T steps, B rows, H units, G gates, C numbers of c for each unit. */
interface RecurrentArguments {
  /** 0 rnn with tanh, 1 rnn with relu, 2 lstm, 3 gru, 4 peephole lstm, 5 lstm with layer normalisation, 6 slstm. */
  cell: number;
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  /** [L, H, G·H] */
  kernel: Float32Array;
  /** [L, G·H], gru only. */
  bias?: Float32Array | undefined;
  /** [L, blocks·H]: the 3 weights of a peephole lstm, or the 14 gains and shifts of layer normalisation. */
  own?: Float32Array | undefined;
  /** The factor of h where it enters the gates, [L, B, H]; 1 where omitted. */
  kept?: Float32Array | undefined;
  /** [L, T, B], 0 for a masked step. */
  valid?: Uint8Array | undefined;
  /** [L, B, H]; where the cell has c, c0 [L, B, C·H]: slstm has c/n and log n. */
  h0: Float32Array;
  c0?: Float32Array | undefined;
  /** h after each step, masked steps included, [L, T, B, H]; the outputs themselves without a mask. */
  hiddens: Float32Array;
  /** The activated gates [L, T, B, G·H]; omitted for inference. */
  gates?: Float32Array | undefined;
  /** c after each step, [L, T, B, C·H] with `gates`, else [L, B, C·H]. */
  cells?: Float32Array | undefined;
  /** With `gates`: of a gru the recurrent product of gate n with its bias, [L, T, B, H]; with layer normalisation all, [L, T, B, G·H]. */
  products?: Float32Array | undefined;
  /** With layer normalisation and `gates`: the statistics of each row, [L, T, B, 6]. */
  statistics?: Float32Array | undefined;
}

export interface RecurrentForward extends RecurrentArguments {
  /** [L, T, B, G·H] */
  projected: Float32Array;
  /** [L, T, B, H] */
  outputs: Float32Array;
  /** [L, B, H]; cT [L, B, C·H] where the cell has c. */
  hT: Float32Array;
  cT?: Float32Array | undefined;
}

/** Gradients have the shape of what they are the gradient of. */
export interface RecurrentBackward extends RecurrentArguments {
  /** As forwards; with layer normalisation only. */
  projected?: Float32Array | undefined;
  gradOutputs: Float32Array;
  gradHT: Float32Array;
  gradCT?: Float32Array | undefined;
  gradProjected: Float32Array;
  gradKernel: Float32Array;
  gradBias?: Float32Array | undefined;
  gradOwn?: Float32Array | undefined;
  gradH0: Float32Array;
  gradC0?: Float32Array | undefined;
  /** Of h after each step, 0 in masked steps, [L, T, B, H]; computed only where given. */
  gradHiddens?: Float32Array | undefined;
}

/** A layer whose units do not see one another, as both directions see it; I, W, S: its blocks of inputs, weights and states. */
interface ScanArguments {
  /** Its index in `scanCells`. */
  cell: number;
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  /** 1 where all rows of the batch have the same weights, else `batch`. */
  weightRows: number;
  reverse: boolean;
  /** [L, T, B, I·H] */
  inputs: Float32Array;
  /** [L, weightRows, W·H]; omitted where W is 0. */
  weights?: Float32Array | undefined;
  /** [L, T, B], 0 for a masked step. */
  valid?: Uint8Array | undefined;
  /** [L, B, S·H] */
  start: Float32Array;
  /** The states after each step, masked steps included, [L, T, B, S·H]; the outputs themselves without a mask. */
  states: Float32Array;
}

export interface ScanForward extends ScanArguments {
  /** [L, T, B, S·H], 0 at masked steps. */
  outputs: Float32Array;
  /** [L, B, S·H] */
  last: Float32Array;
}

/** Gradients have the shape of what they are the gradient of; that of the weights is of each row, [L, B, W·H]. */
export interface ScanBackward extends ScanArguments {
  gradOutputs: Float32Array;
  gradLast: Float32Array;
  gradInputs: Float32Array;
  gradWeights?: Float32Array | undefined;
  gradStart: Float32Array;
}

/** A selective state space as both directions see it; N is `selectiveStates`. */
interface SelectiveArguments {
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  /** [L, T, B, 3·H]: x, Δ and the gate, before their functions. */
  inputs: Float32Array;
  /** [L, T, B, 2·N]: B and C. */
  mixing: Float32Array;
  /** [L, (N + 2)·H]: A_log, D, the bias of Δ. */
  weights: Float32Array;
  /** [L, T, B], 0 for a masked step. */
  valid?: Uint8Array | undefined;
  /** [L, B, N·H] */
  start: Float32Array;
}

/** An mLSTM as both directions see it; N heads of d = H/N units. */
interface MlstmArguments {
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  heads: number;
  reverse: boolean;
  /** [L, T, B, 4·H]: q, k, v, and o before its function; finite at masked steps. */
  inputs: Float32Array;
  /** [L, 3·H, N]: of q, k and v in the gates of each head. */
  inputWeight: Float32Array;
  forgetWeight: Float32Array;
  /** [L, N] */
  inputBias: Float32Array;
  forgetBias: Float32Array;
  /** [L, T, B], 0 for a masked step. */
  valid?: Uint8Array | undefined;
  /** [L, B, N, d, d] of keys and values, [L, B, N, d], [L, B, N]: C and n divided by e^m. */
  c: Float32Array;
  n: Float32Array;
  m: Float32Array;
  /** [L, T, B, H], 0 at masked steps. */
  outputs: Float32Array;
  /** The sums of i and f, [L, T, B, 2·N], and n·q, [L, T, B, N]; the gradient reads them. */
  gates: Float32Array;
  normalisers: Float32Array;
}

/** What an mLSTM is differentiated in, as arguments are named for its gradients. */
type MlstmGradients = `grad${'Inputs' | 'InputWeight' | 'ForgetWeight' | 'InputBias' | 'ForgetBias' | 'C' | 'N' | 'M'}`;

/** How a packed matrix keeps its weights: as they are, or as 8-bit integers, symmetric about 0, with a scale for each column. */
export type Packing = 'float32' | 'int8';

/** A packed matrix [k, gates·units], with at most 4 gates. */
export interface PackedShape {
  k: number;
  units: number;
  gates: number;
  packing: Packing;
}

/**
 * One recurrent layer in one direction, for inference; with int8, h is rounded to 16 bits where it enters the gates. The N rows of all
 * steps are one after the other, the longest sequence first, without those that are not there (as PyTorch's PackedSequence).
 */
export interface RecurrentPacked {
  /** As of `recurrent`, but 5. */
  cell: number;
  packing: Packing;
  steps: number;
  batch: number;
  hidden: number;
  /** Each sequence from its own end. */
  reverse: boolean;
  /** [T]: how many sequences have each step, `batch` at first, and never more than before; omitted where all have all. */
  counts?: Int32Array | undefined;
  /** [N, G·H]; omitted where x·weight + shift is computed with each step: x [N, inputs], weight packed [inputs, G·H], shift [G·H]. */
  projected?: Float32Array | undefined;
  inputs?: number | undefined;
  x?: Float32Array | undefined;
  weight?: Uint8Array | undefined;
  shift?: Float32Array | undefined;
  /** Packed [H, G·H]. */
  kernel: Uint8Array;
  /** [G·H], gru only. */
  bias?: Float32Array | undefined;
  /** [blocks·H] */
  own?: Float32Array | undefined;
  /** [N, H], rows `stride` apart. */
  outputs: Float32Array;
  stride: number;
  /** The states before, and then those after: [B, H], and [B, C·H] where the cell has c. */
  h: Float32Array;
  c?: Float32Array | undefined;
}

/**
 * The kernels of libs/kernels/native. Arrays are row-major, used in place and not kept; those written must not overlap those read.
 * Every function throws TypeError or RangeError, naming the argument, for a wrong type, length or index; then nothing has been written.
 */
export interface Kernels extends LayerKernels {
  /** Those that this processor has of those built, the best first. */
  instructionSets(): InstructionSet[];
  /** The one in use. */
  instructionSet(): InstructionSet;
  /** Switches to another one, in float32. Throws RangeError where this processor lacks it. */
  choose(name: InstructionSet): void;
  /** The precisions of matrix products that the instruction set in use has: `portable` has all, in plain code. */
  precisions(): ProductPrecision[];
  /** Switches to another one of them; float32 at first. Throws RangeError for one that is not there. */
  usePrecision(name: ProductPrecision): void;
  /** Splits rows and columns over that many threads; 1 at first. Results stay the same, bit for bit. */
  useThreads(count: number): void;
  /**
   * c = op(a)·op(b) + bias for each lane: a [lanesA, m, k], b [lanesB, k, n] (or each transposed), bias [lanes, n], c [lanes, m, n];
   * lanesA and lanesB are 1 or lanes. `added` is added to it, then comes the activation, and `gate` keeps what is where the
   * gate is positive; both are like c. `columnSums` [lanes, n] gets the sums of b's columns, as of sumRows; b is not transposed then.
   */
  multiply(args: {
    a: Float32Array;
    b: Float32Array;
    bias?: Float32Array | undefined;
    added?: Float32Array | undefined;
    gate?: Float32Array | undefined;
    activation?: 'relu' | 'tanh' | undefined;
    columnSums?: Float32Array | undefined;
    c: Float32Array;
    lanes: number;
    lanesA: number;
    lanesB: number;
    m: number;
    n: number;
    k: number;
    transposeA: boolean;
    transposeB: boolean;
  }): void;
  recurrent(args: RecurrentForward): void;
  recurrentGradient(args: RecurrentBackward): void;
  /** Bytes of a packed matrix. */
  packedSize(args: PackedShape): number;
  /** Packs a matrix for this instruction set: `packed` is of `packedSize`. */
  pack(args: PackedShape & { matrix: Float32Array; packed: Uint8Array }): void;
  /**
   * out = x·matrix + bias: x [rows, k], bias [gates·units], out [rows, gates·units]; with int8 for 1 gate. Throws RangeError for another
   * packing.
   */
  multiplyPacked(
    args: PackedShape & {
      rows: number;
      x: Float32Array;
      packed: Uint8Array;
      bias?: Float32Array | undefined;
      out: Float32Array;
    },
  ): void;
  /** Inference, in the same bits as `recurrent` where weights are float32. Throws as `multiplyPacked`. */
  recurrentPacked(args: RecurrentPacked): void;
  /**
   * `recurrentPacked` for each layer of one sequence and then `multiplyPacked`, as one call: of all steps, or of as many of the first ones
   * as it names; with `table`, of one step that reads the named one of so many rows of the first layer's `projected`. A layer with float32
   * weights may have `projected` beside `weight`: room for x·weight + shift of all steps, which are then one product. The arrays are kept,
   * and used in place by each call. For an answer of a small network, the arguments of these functions take several times as long as its
   * arithmetic. Throws as they do; the call throws RangeError for a row or steps that are not there.
   */
  bindPacked(args: {
    layers: RecurrentPacked[];
    product: Parameters<Kernels['multiplyPacked']>[0];
    table?: number | undefined;
  }): (rowOrSteps?: number) => void;
  /** A layer whose units do not see one another: one pass over time. */
  scan(args: ScanForward): void;
  scanGradient(args: ScanBackward): void;
  /** A selective state space with its gates: `selectiveStates` states of each unit. */
  selectiveScan(args: SelectiveArguments & { outputs: Float32Array; last: Float32Array }): void;
  /** Gradients have the shape of what they are the gradient of; that of the weights is of each row, [L, B, (N + 2)·H]. */
  selectiveScanGradient(
    args: SelectiveArguments &
      Record<'gradOutputs' | 'gradLast' | 'gradInputs' | 'gradMixing' | 'gradWeights' | 'gradStart', Float32Array>,
  ): void;
  /** x·σ(x) of the first of three blocks: x [rows, 3·width] → out [rows, width]. */
  firstSilu(args: FirstSilu): void;
  /** The gradient of x, [rows, 3·width], from that of the result: 0 in the other blocks. */
  firstSiluGradient(args: FirstSilu & { gradOut: Float32Array }): void;
  /** An mLSTM with its gates, over chunks of steps. */
  mlstm(args: MlstmArguments & Record<'lastC' | 'lastN' | 'lastM', Float32Array>): void;
  /** Gradients have the shape of what they are the gradient of. */
  mlstmGradient(
    args: MlstmArguments & Record<`grad${'Outputs' | 'LastC' | 'LastN' | 'LastM'}` | MlstmGradients, Float32Array>,
  ): void;
  /** z₁·σ(z₂) of the halves of z = x + y: x, y [rows, 2·width] → out [rows, width]. */
  gatedLinearUnit(args: Gated): void;
  /** The gradient of z, [rows, 2·width], from that of the result. */
  gatedLinearUnitGradient(args: Gated & { gradOut: Float32Array }): void;
  /** out = x + y, with y [outer, inner] broadcast over the rows of x [outer, rows, inner]. */
  addRows(args: Rows & { x: Float32Array; y: Float32Array; out: Float32Array }): void;
  /** x [outer, rows, inner] → out [outer, inner]. */
  sumRows(args: Rows & { x: Float32Array; out: Float32Array }): void;
  /** Rows of table [rows, width] at ids [count] → out [count, width]. `padded`: an id of −1 gives 0. */
  gather(args: Table & { table: Float32Array; ids: Int32Array; padded?: boolean; out: Float32Array }): void;
  /** gradient [count, width] added up by ids [count], in their order → out [rows, width]. */
  scatterAdd(args: Table & { gradient: Float32Array; ids: Int32Array; out: Float32Array }): void;
  /**
   * logits [rows, classes], targets [rows] → probabilities [rows, classes], which may be the logits' own array, losses [rows] in nats, 0
   * where `valid` is 0.
   */
  crossEntropy(args: {
    rows: number;
    classes: number;
    logits: Float32Array;
    targets: Int32Array;
    valid?: Uint8Array | undefined;
    probabilities: Float32Array;
    losses: Float32Array;
  }): void;
  /** (p − onehot(target))·scale of the lane → out [lanes, rows, classes], which may be p's own array; 0 where `valid` is 0. */
  crossEntropyGradient(args: {
    lanes: number;
    rows: number;
    classes: number;
    probabilities: Float32Array;
    targets: Int32Array;
    valid?: Uint8Array | undefined;
    scales: Float32Array;
    out: Float32Array;
  }): void;
  /**
   * Dropout masks by Threefry-2x32-20: keys [lanes, 4] (the key, the counter's first word, the smallest number that is kept) and
   * scales [lanes] → out [lanes, rows, blocks · width], 0 or the lane's scale. The counter's second word is
   * (row · blocksOfRow + block) · units + unit.
   */
  dropoutMask(args: {
    lanes: number;
    rows: number;
    blocks: number;
    width: number;
    blocksOfRow: number;
    units: number;
    keys: Int32Array;
    scales: Float32Array;
    out: Float32Array;
  }): void;
  /** The Euclidean norm of each lane: x [lanes, length] → out [lanes]. */
  norms(args: { lanes: number; length: number; x: Float32Array; out: Float32Array }): void;
  /**
   * Clips to the norm and updates by the rule of that kind: vectors [lanes, length], norms and limits [lanes], scalars
   * [scalar, lanes] in the order of the rule's `scalarNames`.
   */
  update(args: {
    rule: string;
    lanes: number;
    length: number;
    parameters: Float32Array;
    gradient: Float32Array;
    norms: Float32Array;
    limits: Float32Array;
    scalars: Float32Array;
    slot0: Float32Array;
    slot1?: Float32Array | undefined;
    nextParameters: Float32Array;
    nextSlot0: Float32Array;
    nextSlot1?: Float32Array | undefined;
  }): void;
  /** The update rules that it has. */
  updateRules(): NativeRule[];
  /** eˣ, and tanh x, elementwise: relative error below 1e-6. */
  exp(args: { count: number; x: Float32Array; out: Float32Array }): void;
  tanh(args: { count: number; x: Float32Array; out: Float32Array }): void;
  /**
   * Uninitialised memory on which kernels are fastest: it begins with a line of the cache, and what is large is in huge pages.
   * Undefined where Node takes none. Throws RangeError where there is none left.
   */
  memory(bytes: number): ArrayBuffer | undefined;
  /** Multiply-adds in registers, to measure a core's peak: returns the number of operations of `rounds` rounds. */
  multiplyAdds(rounds: number): number;
}

interface Gated {
  rows: number;
  width: number;
  x: Float32Array;
  y: Float32Array;
  out: Float32Array;
}

interface FirstSilu {
  rows: number;
  width: number;
  x: Float32Array;
  out: Float32Array;
}

interface Rows {
  outer: number;
  rows: number;
  inner: number;
}

interface Table {
  count: number;
  rows: number;
  width: number;
}
