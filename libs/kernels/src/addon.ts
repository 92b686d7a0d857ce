/** The instruction sets that kernels are built for. */
export type InstructionSet = 'avx512' | 'avx2' | 'neon' | 'portable';

/** What a recurrent layer is computed from; L lanes, T steps, B rows, H units, G gates. */
interface RecurrentArguments {
  /** 0 rnn with tanh, 1 rnn with relu, 2 lstm, 3 gru. */
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
  /** [L, T, B], 0 where a step does not count. */
  valid?: Uint8Array | undefined;
  /** [L, B, H]; c0 for lstm only. */
  h0: Float32Array;
  c0?: Float32Array | undefined;
  /** h after each step, in steps that do not count too, [L, T, B, H]; the outputs themselves where all count. */
  hiddens: Float32Array;
  /** The activated gates [L, T, B, G·H]; absent where no gradient will be taken. */
  gates?: Float32Array | undefined;
  /** lstm: c after each step, [L, T, B, H] with `gates`, else [L, B, H]. */
  cells?: Float32Array | undefined;
  /** gru with `gates`: the recurrent product of the gate n with its bias, [L, T, B, H]. */
  products?: Float32Array | undefined;
}

export interface RecurrentForward extends RecurrentArguments {
  /** [L, T, B, G·H] */
  projected: Float32Array;
  /** [L, T, B, H] */
  outputs: Float32Array;
  /** [L, B, H]; cT for lstm only. */
  hT: Float32Array;
  cT?: Float32Array | undefined;
}

/** The gradients of everything, each in the shape of what it belongs to. */
export interface RecurrentBackward extends RecurrentArguments {
  ofOutputs: Float32Array;
  ofHT: Float32Array;
  ofCT?: Float32Array | undefined;
  ofProjected: Float32Array;
  ofKernel: Float32Array;
  ofBias?: Float32Array | undefined;
  ofH0: Float32Array;
  ofC0?: Float32Array | undefined;
  /** Of h after each step, 0 in steps that do not count, [L, T, B, H]; computed where it is given. */
  ofHiddens?: Float32Array | undefined;
}

/**
 * The kernels of libs/kernels/native. Arrays are row-major, read and written where they lie, and not kept; what is written must
 * not overlap what is read. Every function throws TypeError or RangeError, naming the argument, where a type, a length or an
 * index is wrong; then nothing has been written.
 */
export interface Kernels {
  /** What this processor has of what was built, the best first. */
  instructionSets(): InstructionSet[];
  /** The one that runs. */
  instructionSet(): InstructionSet;
  /** Makes one run from here on. Throws RangeError where this processor has not got it. */
  choose(name: InstructionSet): void;
  /** Spreads rows and columns over that many threads, 1 at first. What is computed stays the same, bit for bit. */
  useThreads(count: number): void;
  /**
   * c = op(a)·op(b) + bias for each lane: a [lanesA, m, k], b [lanesB, k, n] (or each transposed), bias [lanes, n], c [lanes, m, n];
   * lanesA and lanesB are 1 or lanes.
   */
  multiply(given: {
    a: Float32Array;
    b: Float32Array;
    bias?: Float32Array | undefined;
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
  recurrent(given: RecurrentForward): void;
  recurrentGradient(given: RecurrentBackward): void;
  /** out = x + y, y [outer, inner] for all rows of x [outer, rows, inner]. */
  addRows(given: Rows & { x: Float32Array; y: Float32Array; out: Float32Array }): void;
  /** x [outer, rows, inner] → out [outer, inner]. */
  sumRows(given: Rows & { x: Float32Array; out: Float32Array }): void;
  /** Rows of table [rows, width] at ids [count] → out [count, width]. */
  gather(given: Table & { table: Float32Array; ids: Int32Array; out: Float32Array }): void;
  /** gradient [count, width] summed by ids [count] in their order → out [rows, width]. */
  scatter(given: Table & { gradient: Float32Array; ids: Int32Array; out: Float32Array }): void;
  /** logits [rows, classes], right [rows] → probabilities [rows, classes] and losses [rows] in nats, 0 where `valid` is 0. */
  crossEntropy(given: {
    rows: number;
    classes: number;
    logits: Float32Array;
    right: Int32Array;
    valid?: Uint8Array | undefined;
    probabilities: Float32Array;
    losses: Float32Array;
  }): void;
  /** (p − 1 at the right class)·scale of the lane → out, all [lanes, rows, classes]; 0 where `valid` is 0. */
  crossEntropyGradient(given: {
    lanes: number;
    rows: number;
    classes: number;
    probabilities: Float32Array;
    right: Int32Array;
    valid?: Uint8Array | undefined;
    scales: Float32Array;
    out: Float32Array;
  }): void;
  /**
   * Masks of dropout by Threefry-2x32-20: keys [lanes, 4] (the key, the counter's first word, the least number that is kept), scales [lanes] → out
   * [lanes, rows, blocks · width], 0 or the lane's scale. The counter's second word is (row · blocksOfRow + block) · units + unit.
   */
  dropoutMask(given: {
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
  norms(given: { lanes: number; length: number; x: Float32Array; out: Float32Array }): void;
  /**
   * Clips to the norm and updates: vectors [lanes, length], norms and limits [lanes], scalars [numbers, lanes] in the order of
   * the optimizer. `rule`: 0 adam, 1 adamw, 2 rmsprop, 3 sgd, 4 adagrad; the last two have one slot.
   */
  update(given: {
    rule: number;
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
  /** eˣ, and tanh x, of each value: relative error below 1e-6. */
  exponential(given: { count: number; x: Float32Array; out: Float32Array }): void;
  tangent(given: { count: number; x: Float32Array; out: Float32Array }): void;
  /** Multiplies and adds in registers, to measure a core's peak by: the number of operations done in `rounds` rounds. */
  multiplyAdds(rounds: number): number;
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
