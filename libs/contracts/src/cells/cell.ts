/** Options of a model that only some cells have. Anywhere else only their default is accepted. */
export type CellOption = 'nonlinearity' | 'parallelScan' | 'heads';

/**
 * What the rest of Unroll knows of a cell without running it. A new cell is one file beside this one and one entry in index.ts; its
 * equations are a file of the same name in libs/training/src/nn/cells.
 */
export interface CellDefinition {
  readonly name: string;
  /** What a step computes, in one line, with its source. */
  readonly description: string;
  /**
   * The states that a step hands to the next, by PyTorch's names; h is also the output. A cell with none has nothing to carry along a
   * stream, to learn the start of, or to begin a decoder with.
   */
  readonly states: readonly ('h' | 'c')[];
  /** How the gates of a step see the h before it: through a matrix, a weight for each unit, or not at all. */
  readonly recurrence: 'matrix' | 'vector' | 'none';
  /** Whether a gate decides what is forgotten, so that its bias may start elsewhere (Jozefowicz et al. 2015). */
  readonly hasForgetGate: boolean;
  /** Whether it may also read a sequence from its end. */
  readonly readsBackwards: boolean;
  /** Whether it normalises what it reads itself, so that batch normalisation has no place. */
  readonly normalisesInput: boolean;
  /**
   * Whether its layers run at the bucket of their hidden size (`layerWidth`), with zeros in the extra units. Only where a unit whose weights
   * are all 0 stays at 0: not where a mean is taken over all units, nor where a state is squashed to above 0.
   */
  readonly isPadded: boolean;
  /** Which of the options that only some cells have it has. With heads, the units are divided among them. */
  readonly options: readonly CellOption[];
  /** Whether the engines have a kernel that computes a whole sequence at once; otherwise every operation is recorded. */
  readonly isFused: boolean;
  /** The ONNX operator that computes it; undefined where there is none, and a model of it cannot be exported. */
  readonly onnx: 'RNN' | 'LSTM' | 'GRU' | undefined;
}
