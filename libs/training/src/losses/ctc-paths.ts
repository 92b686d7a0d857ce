/** The class of no label. */
export const blank = 0;

/**
 * The loss in nats of a sequence that no path through its steps can spell: more labels than steps, counting a blank between
 * equal neighbours. Finite, so that a batch survives it, and without a gradient.
 */
export const impossibleLoss = 1e5;

/**
 * The states of a path: the labels with blanks around them, `spread`. At each step a path stays, moves one state on, or
 * skips the blank between two labels that differ; it begins in one of the first two states and ends in one of the last two.
 */
export interface CtcPaths {
  classes: number;
  /** At least one. */
  steps: number;
  /** The class of each state. */
  spread: Int32Array;
  /** Whether a path may skip to a state from two before. */
  leaps: Uint8Array;
  /** Filled with the part of all paths, weighed by their probability, that is in each state at each step, [time, states]. */
  occupied: Float64Array;
}

export function buildPaths(labels: Int32Array, steps: number, classes: number): CtcPaths {
  const spread = new Int32Array(2 * labels.length + 1).fill(blank);
  labels.forEach((label, index) => (spread[2 * index + 1] = label));
  const leaps = Uint8Array.from(spread, (label, state) =>
    Number(state > 1 && label !== blank && label !== spread[state - 2]),
  );
  return { classes, steps, spread, leaps, occupied: new Float64Array(steps * spread.length) };
}
