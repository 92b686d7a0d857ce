import { ctcKernel, hasKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { oneHot } from '../tensor/one-hot';
import { blank, impossibleLoss } from './ctc-paths';
import { broadcastMask, selected } from '../tensor/selection';

/** The right labels of a batch. */
export interface CtcTargets {
  /** Labels from 1 to classes − 1, int32 [lane, batch, maximum]; any class after `labelLengths`. */
  labels: Tensor;
  /** Labels of each sequence, int32 [lane, batch]. */
  labelLengths: Tensor;
  /** Steps of each sequence, int32 [lane, batch]; 0, and no labels, for a padding row. */
  inputLengths: Tensor;
  /** What each sequence weighs: 1 / their number for a mean; float32 [lane, 1]. */
  weight: Tensor;
}

/** Stands for log 0: no sum of log-probabilities comes near it, and unlike −Infinity it produces no NaN. */
const never = -1e30;

/**
 * Connectionist temporal classification (Graves et al. 2006): for each lane the sum over sequences of −log p(labels) in
 * nats times its weight, logits [lane, time, batch, classes] → [lane]. p sums over all paths that spell the labels with
 * repeated labels merged and then blanks, class 0, removed. As torch.nn.CTCLoss(reduction='none') of log_softmax(logits),
 * but for sequences that no path can spell: see `impossibleLoss`. Steps after a sequence's end are masked by selection, so
 * that not even a NaN passes.
 */
export function ctcLoss(logits: Tensor, targets: CtcTargets): Tensor {
  return hasKernel(ctcKernel) ? fused(logits, targets) : composite(logits, targets);
}

/** The same with the engine's own kernel, which gives the gradient with the loss. */
function fused(logits: Tensor, { weight, ...given }: CtcTargets): Tensor {
  const lanes = logits.shape[0];
  return tf.customGrad((...[x, save]) => {
    const inputs = { logits: x as Tensor, ...given };
    const [nats, slopes] = runKernel(ctcKernel, inputs) as [Tensor, Tensor];
    (save as (tensors: Tensor[]) => void)([slopes, weight]);
    return {
      value: tf.mul(tf.sum(nats, 1), tf.reshape(weight, [lanes])),
      gradFunc: (dy: Tensor, [kept, weights]: Tensor[]) =>
        tf.mul(kept!, tf.reshape(tf.mul(dy, tf.reshape(weights!, [lanes])), [lanes, 1, 1, 1])),
    };
  })(logits);
}

function composite(logits: Tensor, targets: CtcTargets): Tensor {
  return tf.customGrad((...[given, save]) => {
    const paths = layOut(given as Tensor, targets);
    const { alphas, nats, possible } = forwards(paths);
    const { labels, labelLengths, inputLengths, weight } = targets;
    const kept = [given as Tensor, alphas, possible, labels, labelLengths, inputLengths, weight];
    (save as (tensors: Tensor[]) => void)(kept);
    return {
      value: tf.mul(tf.sum(nats, 1), tf.reshape(weight, [paths.lanes])),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [x, along, spellable, ...again] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
        const scale = tf.mul(tf.reshape(dy, [paths.lanes]), tf.reshape(again[3], [paths.lanes]));
        const same = layOut(x, { labels: again[0], labelLengths: again[1], inputLengths: again[2] });
        return gradient(same, { alphas: along, possible: spellable, scale });
      },
    };
  })(logits);
}

/**
 * Sequences with their labels spread out, [blank, label, blank, label, ..., blank]: `states` of them, 2·maximum + 1. A path
 * walks over them, at each step staying, moving one on, or skipping the blank between two different labels.
 */
interface Paths {
  lanes: number;
  steps: number;
  batch: number;
  classes: number;
  states: number;
  /** log_softmax of the logits, 0 after a sequence's end; [lane, time, batch, classes]. */
  logProbabilities: Tensor;
  /** The class of each state, int32 [lane, batch, states]; blank after the last. */
  spread: Tensor;
  /** The log-probability of each state's class at each step, `time` times [lane, batch, states]. */
  emissions: Tensor[];
  /** Whether a path may skip to a state from two before, bool [lane, batch, states]. */
  leaps: Tensor;
  /** Which states a path may end in: the last label and the blank after it; bool [lane, batch, states]. */
  ends: Tensor;
  /** Steps of each sequence, repeated: int32 [lane, batch, states]. */
  lengths: Tensor;
}

function layOut(logits: Tensor, { labels, labelLengths, inputLengths }: Omit<CtcTargets, 'weight'>): Paths {
  const [lanes, steps, batch, classes] = logits.shape as [number, number, number, number];
  const maximum = labels.shape[2]!;
  const states = 2 * maximum + 1;
  const rows = [lanes, batch, 1];
  const places = row(states, (state) => state);
  const ownStates = tf.add(tf.mul(tf.reshape(labelLengths, rows), whole(2)), whole(1)); // [lane, batch, 1]
  const own = tf.less(places, ownStates);
  const spread = tf.where(own, spreadOut(labels), tf.fill([lanes, batch, states], blank, 'int32'));
  const lengths = tf.add(
    tf.reshape(inputLengths, rows),
    row(states, () => 0),
  );

  const logProbabilities = tf.logSoftmax(selected(logits, stepsBefore(inputLengths, logits.shape)));

  const [, before] = shifted(spread, 'right', blank);
  const leaps = tf.logicalAnd(tf.notEqual(spread, whole(blank)), tf.notEqual(spread, before));
  const ends = tf.logicalAnd(own, tf.greaterEqual(places, tf.sub(ownStates, whole(2))));
  const emissions = pathEmissions(logProbabilities, spread);
  return { lanes, steps, batch, classes, states, logProbabilities, spread, emissions, leaps, ends, lengths };
}

const whole = (value: number): Tensor => tf.scalar(value, 'int32');

const row = (count: number, value: (index: number) => number): Tensor =>
  tf.tensor3d(
    Int32Array.from({ length: count }, (_, index) => value(index)),
    [1, 1, count],
    'int32',
  );

/** Labels with blanks around them: [lane, batch, maximum] → [lane, batch, 2·maximum + 1]. */
function spreadOut(labels: Tensor): Tensor {
  const [lanes, batch, maximum] = labels.shape as [number, number, number];
  const last = tf.fill([lanes, batch, 1], blank, 'int32');
  if (maximum === 0) return last;
  const pairs = tf.stack([tf.fill(labels.shape, blank, 'int32'), labels], 3);
  return tf.concat([tf.reshape(pairs, [lanes, batch, 2 * maximum]), last], 2);
}

function pathEmissions(logProbabilities: Tensor, spread: Tensor): Tensor[] {
  const [lanes, steps, batch, classes] = logProbabilities.shape as [number, number, number, number];
  const states = spread.shape[2]!;
  const starts = tf.tensor(
    Int32Array.from({ length: lanes * steps * batch * states }, (_, index) => Math.floor(index / states) * classes),
    [lanes, steps, batch, states],
    'int32',
  );
  const ids = tf.add(starts, tf.tile(tf.reshape(spread, [lanes, 1, batch, states]), [1, steps, 1, 1]));
  const flat = tf.gather(tf.reshape(logProbabilities, [-1]), tf.reshape(ids, [-1]));
  return tf.unstack(tf.reshape(flat, [lanes, steps, batch, states]), 1);
}

/**
 * Equations 6 to 8 in logarithms, from the first step to the last: `alphas` [lane, time, batch, states], at each step less
 * their largest (so that float32 holds them over long sequences; any shift of a step serves the gradient), the loss of each
 * sequence, [lane, batch], and which of them some path can spell, bool [lane, batch].
 */
function forwards({ lanes, batch, states, emissions, leaps, ends, lengths }: Paths) {
  // Before the first step a path stands on the first blank: from there it reaches just the first two states.
  let alpha = tf.add(
    row(states, (state) => Math.min(state, 1)),
    tf.zeros([lanes, batch, states], 'int32'),
  );
  alpha = tf.mul(tf.cast(alpha, 'float32'), never);
  let shifts = tf.zeros([lanes, batch, 1]);
  const alphas = emissions.map((emission, step) => {
    const [one, two] = shifted(alpha, 'right', never);
    const next = tf.add(emission, logSumExp([alpha, one, tf.where(leaps, two, tf.fill(two.shape, never))]));
    const largest = tf.max(next, 2, true); // [lane, batch, 1]
    const within = tf.greater(lengths, whole(step));
    alpha = tf.where(within, tf.sub(next, largest), alpha);
    const counted = tf.slice(within, [0, 0, 0], [lanes, batch, 1]);
    shifts = tf.add(shifts, tf.where(counted, largest, tf.zerosLike(largest)));
    return alpha;
  });
  const last = tf.where(ends, alpha, tf.fill(alpha.shape, never));
  const most = tf.max(last, 2, true);
  const sum = tf.add(tf.add(tf.log(tf.sum(tf.exp(tf.sub(last, most)), 2, true)), most), shifts);
  const logLikelihood = tf.reshape(sum, [lanes, batch]);
  // A NaN is not below anything, so it is kept.
  const impossible = tf.less(logLikelihood, never / 10);
  const nats = tf.where(impossible, tf.fill([lanes, batch], impossibleLoss), tf.neg(logLikelihood));
  return { alphas: tf.stack(alphas, 1), nats, possible: tf.logicalNot(impossible) };
}

/**
 * Equation 16: probabilities less the part of all paths, at each step, that is in a state of that class. The parts are
 * softmax over states of alpha + beta, with beta (equations 9 to 11) from the last step to the first, without the emission
 * of its own step.
 */
function gradient(
  paths: Paths,
  { alphas, possible, scale }: { alphas: Tensor; possible: Tensor; scale: Tensor },
): Tensor {
  const { lanes, steps, batch, classes, states, emissions, leaps, ends, lengths } = paths;
  const impossible = tf.fill([lanes, batch, states], never);
  const begin = tf.where(ends, tf.zerosLike(impossible), impossible);
  // What may be leapt to, seen from where the leap begins.
  const [, ahead] = shifted(tf.cast(leaps, 'int32'), 'left', 0).map((each) => tf.cast(each, 'bool')) as [
    Tensor,
    Tensor,
  ];
  const betas: Tensor[] = [];
  let beta = begin;
  for (let step = steps - 1; step >= 0; step--) {
    if (step + 1 < steps) {
      const after = tf.add(beta, emissions[step + 1]!);
      const [one, two] = shifted(after, 'left', never);
      const next = logSumExp([after, one, tf.where(ahead, two, impossible)]);
      // At a sequence's last step and behind it the walk has not begun.
      beta = tf.where(tf.greater(lengths, whole(step + 1)), tf.sub(next, tf.max(next, 2, true)), begin);
    }
    betas[step] = beta;
  }
  const occupied = tf.softmax(tf.add(alphas, tf.stack(betas, 1))); // [lane, time, batch, states]
  // [lane · batch, time, states] · [lane · batch, states, classes]
  const byRow = tf.reshape(tf.transpose(occupied, [0, 2, 1, 3]), [lanes * batch, steps, states]);
  const stateClasses = tf.reshape(oneHot(paths.spread, classes), [lanes * batch, states, classes]);
  const byClass = tf.reshape(tf.matMul(byRow, stateClasses), [lanes, batch, steps, classes]);
  const own = tf.reshape(tf.slice(lengths, [0, 0, 0], [lanes, batch, 1]), [lanes, batch]);
  const counts = tf.where(possible, own, tf.zerosLike(own));
  const slope = tf.sub(tf.exp(paths.logProbabilities), tf.transpose(byClass, [0, 2, 1, 3]));
  return selected(
    tf.mul(slope, tf.reshape(scale, [lanes, 1, 1, 1])),
    stepsBefore(counts, paths.logProbabilities.shape),
  );
}

/** Which logits belong to the first `counts` steps of their sequence, int32 [lane, batch]: bool [lane, time, batch, classes]. */
function stepsBefore(counts: Tensor, [lanes, steps, batch, classes]: readonly number[]): Tensor {
  const shape = [lanes!, steps!, batch!];
  const time = tf.tensor(
    Int32Array.from({ length: lanes! * steps! * batch! }, (_, index) => Math.floor(index / batch!) % steps!),
    shape,
    'int32',
  );
  const each = tf.tile(tf.reshape(counts, [lanes!, 1, batch!]), [1, steps!, 1]);
  return broadcastMask(tf.less(time, each), [...shape, classes!]);
}

/** States moved by one and by two, with `filling` where none came from. (Joined, since tf.pad takes ten times as long on cpu.) */
function shifted(x: Tensor, direction: 'left' | 'right', filling: number): [Tensor, Tensor] {
  const [lanes, batch, states] = x.shape as [number, number, number];
  const ends = tf.fill([lanes, batch, 2], filling, x.dtype);
  const padded = tf.concat(direction === 'right' ? [ends, x] : [x, ends], 2);
  const from = (start: number): Tensor => tf.slice(padded, [0, 0, start], [lanes, batch, states]);
  return direction === 'right' ? [from(1), from(0)] : [from(1), from(2)];
}

/** log(e^a + e^b + e^c), elementwise. */
function logSumExp([a, b, c]: [Tensor, Tensor, Tensor]): Tensor {
  // tf.maximum has no kernel of the engine native, but these have.
  const larger = (left: Tensor, right: Tensor): Tensor => tf.where(tf.greater(left, right), left, right);
  const largest = larger(larger(a, b), c);
  const sum = [a, b, c].map((each) => tf.exp(tf.sub(each, largest))).reduce((left, right) => tf.add(left, right));
  return tf.add(largest, tf.log(sum));
}
