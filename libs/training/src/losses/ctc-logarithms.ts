import type { CtcPaths } from './ctc-paths';

const { exp, log, max } = Math;
/** log 0. */
const never = -Infinity;

/**
 * The same sums as in ctc-scaled.ts, of log-probabilities [time, classes], however small: fills `occupied`. Returns the
 * loss in nats, Infinity where no path can spell the labels, and then `occupied` is meaningless. Takes 30 times as long.
 */
export function occupyByLogarithms(paths: CtcPaths, logs: Float64Array): number {
  forwards(paths, logs);
  return -backwards(paths, logs);
}

function forwards({ classes, steps, spread, leaps, occupied }: CtcPaths, logs: Float64Array): void {
  const states = spread.length;
  occupied.fill(never, 0, states);
  for (let state = 0; state < Math.min(2, states); state++) occupied[state] = logs[spread[state]!]!;
  for (let step = 1; step < steps; step++) {
    const [now, before, row] = [step * states, (step - 1) * states, step * classes];
    for (let state = 0; state < states; state++) {
      const one = state > 0 ? occupied[before + state - 1]! : never;
      const two = leaps[state] === 1 ? occupied[before + state - 2]! : never;
      occupied[now + state] = logSum(occupied[before + state]!, one, two) + logs[row + spread[state]!]!;
    }
  }
}

/** Puts each step's parts of all paths into the place of the forward sums. Returns log p. */
function backwards({ classes, steps, spread, leaps, occupied }: CtcPaths, logs: Float64Array): number {
  const states = spread.length;
  const betas = Float64Array.from(spread, (_, state) => (state >= states - 2 ? 0 : never));
  const after = new Float64Array(states + 2).fill(never);
  let logLikelihood = never;
  for (let step = steps - 1; step >= 0; step--) {
    const [now, row] = [step * states, (step + 1) * classes];
    if (step + 1 < steps) {
      for (let state = 0; state < states; state++) after[state] = betas[state]! + logs[row + spread[state]!]!;
      for (let state = 0; state < states; state++)
        betas[state] = logSum(after[state]!, after[state + 1]!, leaps[state + 2] === 1 ? after[state + 2]! : never);
    }
    let all = never;
    for (let state = 0; state < states; state++) all = logSum(all, (occupied[now + state]! += betas[state]!), never);
    for (let state = 0; state < states; state++) occupied[now + state] = exp(occupied[now + state]! - all);
    if (step + 1 === steps) logLikelihood = all;
  }
  return logLikelihood;
}

/** log(e^a + e^b + e^c); of three times log 0 itself, and not a NaN. */
function logSum(a: number, b: number, c: number): number {
  const most = max(a, b, c);
  return most === never ? most : most + log(exp(a - most) + exp(b - most) + exp(c - most));
}
