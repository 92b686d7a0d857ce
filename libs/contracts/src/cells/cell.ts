/** Model options that only some cells have. Other cells accept only the default. */
export type CellOption = 'nonlinearity' | 'parallelScan' | 'heads';

/**
 * What the rest of Unroll knows about a cell without running it. To add a cell, add a file beside this one and an entry in index.ts; its
 * equations go into a file of the same name in libs/training/src/nn/cells.
 */
export interface CellDefinition {
  readonly name: string;
  /** What a step computes, in one line, with its source. */
  readonly description: string;
  /**
   * The states that a step passes to the next, with PyTorch's names; an h is also the output. A cell without states cannot carry one along
   * a stream, learn an initial one, or start a decoder.
   */
  readonly states: readonly string[];
  /** How the gates of a step read the previous h: through a matrix, one weight per unit, or not at all. */
  readonly recurrence: 'matrix' | 'vector' | 'none';
  /** Whether it has a forget gate, whose initial bias can be set (Jozefowicz et al. 2015). */
  readonly hasForgetGate: boolean;
  /** Whether it can be bidirectional. */
  readonly readsBackwards: boolean;
  /** Whether it normalises its own input, so that batch normalisation is refused. */
  readonly normalisesInput: boolean;
  /**
   * Whether its layers run at the bucket of their hidden size (`layerWidth`), with zeros in the extra units. This requires that a unit
   * whose weights are all 0 stays at 0. It does not if a mean is taken over all units, or if states are always positive.
   */
  readonly isPadded: boolean;
  /** Which of the `CellOption`s it has. With heads, the units are divided among them. */
  readonly options: readonly CellOption[];
  /** Whether the engines have a kernel that computes a whole sequence at once; otherwise every operation is recorded. */
  readonly isFused: boolean;
  /** The ONNX operator that computes it; undefined if there is none, so that its models cannot be exported. */
  readonly onnx: 'RNN' | 'LSTM' | 'GRU' | undefined;
}
