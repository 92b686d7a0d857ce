import { occupyByLogarithms } from './ctc-logarithms';
import { impossibleLoss, buildPaths } from './ctc-paths';
import { occupyByScaling } from './ctc-scaled';

const { exp, log } = Math;
/** −log of no probability at all. */
const impossible = Infinity;

/** Where the numbers of one sequence lie. */
export interface CtcSequence {
  /** From `begin` on a row of `classes` logits for each step, the rows `stride` apart. */
  logits: Float32Array;
  begin: number;
  stride: number;
  classes: number;
  steps: number;
  /** From 1 to classes − 1. */
  labels: Int32Array;
  /** Where the gradient of the loss by each logit is written, at the place of the logit. */
  slopes: Float32Array;
}

/**
 * Nats up to which probabilities in float64 serve: a path is lost only where it is 1e-308 = e^−709 of another, and where
 * the sum of all is more than e^−600, what was lost is no part of it.
 */
const scalable = 600;

/**
 * −log p(labels) in nats of one sequence, and its gradient (Graves et al. 2006, equations 6 to 16): probabilities less the
 * part of all paths that is in a state of that class. `impossibleLoss`, and slopes of 0, where no path can spell the
 * labels.
 */
export function ctcOfSequence(sequence: CtcSequence): number {
  const { classes, steps, labels, slopes, begin, stride } = sequence;
  if (steps === 0) return labels.length === 0 ? 0 : impossibleLoss;
  const paths = buildPaths(labels, steps, classes);
  const { probabilities, shifts } = softmaxRows(sequence);
  let nats = occupyByScaling(paths, probabilities);
  if (!(nats < scalable)) nats = occupyByLogarithms(paths, logSoftmaxRows(sequence, shifts));
  const { spread, occupied } = paths;
  const states = spread.length;
  for (let step = 0; step < steps; step++) {
    const [from, to] = [step * classes, begin + step * stride];
    for (let state = 0; state < states; state++)
      probabilities[from + spread[state]!]! -= occupied[step * states + state]!;
    for (let each = 0; each < classes; each++)
      slopes[to + each] = nats === impossible ? 0 : probabilities[from + each]!;
  }
  return nats === impossible ? impossibleLoss : nats;
}

/** The probabilities of each step, [time, classes], and what is taken from its logits for their logarithms, [time]. */
function softmaxRows({ logits, begin, stride, classes, steps }: CtcSequence) {
  const [probabilities, shifts] = [new Float64Array(steps * classes), new Float64Array(steps)];
  for (let step = 0; step < steps; step++) {
    const [from, to] = [begin + step * stride, step * classes];
    let [most, sum] = [logits[from]!, 0];
    for (let each = 1; each < classes; each++) most = logits[from + each]! > most ? logits[from + each]! : most;
    for (let each = 0; each < classes; each++) sum += probabilities[to + each] = exp(logits[from + each]! - most);
    for (let each = 0; each < classes; each++) probabilities[to + each]! /= sum;
    shifts[step] = most + log(sum);
  }
  return { probabilities, shifts };
}

/** Their logarithms, those of the smallest too. */
function logSoftmaxRows({ logits, begin, stride, classes, steps }: CtcSequence, shifts: Float64Array): Float64Array {
  const logs = new Float64Array(steps * classes);
  for (let step = 0; step < steps; step++)
    for (let each = 0; each < classes; each++)
      logs[step * classes + each] = logits[begin + step * stride + each]! - shifts[step]!;
  return logs;
}
