import type { CtcPaths } from './ctc-paths';

const { log } = Math;

/**
 * Forward and backward sums of probabilities [time, classes], those of each step scaled to the sum 1 (Graves et al. 2006,
 * section 4.1): fills `occupied`. Returns the loss in nats; Infinity or NaN where a sum is too small for float64.
 */
export function occupyByScaling(paths: CtcPaths, probabilities: Float64Array): number {
  return forwards(paths, probabilities) - log(backwards(paths, probabilities));
}

/** Equations 6 to 8. Returns the nats of all scales. */
function forwards({ classes, steps, spread, leaps, occupied }: CtcPaths, probabilities: Float64Array): number {
  const states = spread.length;
  let nats = 0;
  for (let state = 0; state < Math.min(2, states); state++) occupied[state] = probabilities[spread[state]!]!;
  for (let step = 0; step < steps; step++) {
    const [now, before, row] = [step * states, (step - 1) * states, step * classes];
    for (let state = 0; step > 0 && state < states; state++) {
      let into = occupied[before + state]!;
      if (state > 0) into += occupied[before + state - 1]!;
      if (leaps[state] === 1) into += occupied[before + state - 2]!;
      occupied[now + state] = into * probabilities[row + spread[state]!]!;
    }
    nats -= log(scale(occupied, now, states));
  }
  return nats;
}

/**
 * Equations 9 to 11, whose product with the forward sums takes their place. Returns the probability of the paths that end
 * in an allowed state.
 */
function backwards({ classes, steps, spread, leaps, occupied }: CtcPaths, probabilities: Float64Array): number {
  const states = spread.length;
  const betas = Float64Array.from(spread, (_, state) => Number(state >= states - 2));
  const after = new Float64Array(states);
  let ended = 0;
  for (let step = steps - 1; step >= 0; step--) {
    const [now, row] = [step * states, (step + 1) * classes];
    if (step + 1 < steps) {
      for (let state = 0; state < states; state++) after[state] = betas[state]! * probabilities[row + spread[state]!]!;
      for (let state = 0; state < states; state++) {
        let out = after[state]!;
        if (state + 1 < states) out += after[state + 1]!;
        if (state + 2 < states && leaps[state + 2] === 1) out += after[state + 2]!;
        betas[state] = out;
      }
      scale(betas, 0, states);
    }
    for (let state = 0; state < states; state++) occupied[now + state]! *= betas[state]!;
    const all = scale(occupied, now, states);
    if (step + 1 === steps) ended = all;
  }
  return ended;
}

/** Divides `count` values by their sum, which is returned. */
function scale(values: Float64Array, begin: number, count: number): number {
  let sum = 0;
  for (let at = begin; at < begin + count; at++) sum += values[at]!;
  const factor = 1 / sum;
  for (let at = begin; at < begin + count; at++) values[at]! *= factor;
  return sum;
}
