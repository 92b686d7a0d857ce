import { mostOfHead } from '@unroll/kernels';
import { linear } from '../../functional/linear';
import { hasKernel, isOnDevice, mlstmGradientKernel, mlstmKernel } from '../../tensor/kernels';
import { runSequence } from '../../tensor/sequence-kernel';
import { tf, type Tensor } from '../../tensor/tfjs';
import type { Cell, CellWeights, Reading } from './cell';
import { wideMask } from './unrolled';

/** Steps that plain operations compute at once: their weights by one another are a matrix for each head. */
const chunk = 64;
/** A logarithm of 0 that stays finite in sums. */
const never = -1e30;
/** Beyond it, e^x is near the largest float. */
const mostExponent = 80;

/** C [items, key, value], n [items, key] and m [items, 1] of every item: a head of a row of a lane. */
interface Memory {
  c: Tensor;
  n: Tensor;
  m: Tensor;
}

/** What the steps of a chunk read, by item: [items, time, head's units], the logarithms of the gates [items, time]. */
interface Chunk {
  queries: Tensor;
  keys: Tensor;
  values: Tensor;
  i: Tensor;
  f: Tensor;
}

/** 1 where a step sees another: itself and those before it, [time, time]. */
const seenBy = (steps: number): Float32Array =>
  Float32Array.from({ length: steps * steps }, (_, at) => Number(at % steps <= Math.floor(at / steps)));

/** What `compute` makes of some tensors, as a constant. */
const constant = (compute: () => Tensor, ...read: Tensor[]): Tensor =>
  tf.customGrad(() => ({ value: compute(), gradFunc: () => read.map((each) => tf.zerosLike(each)) }))(...read);

/**
 * The steps of a chunk at once (Beck et al. 2024, appendix A.3): with F_t the sum of log f up to t, step t has of step j the weight
 * exp(F_t − F_j + ĩ_j), and of the memory before exp(F_t + m). From all exponents of a step, and from that of the least normaliser, 0,
 * the largest is subtracted (equations 15 to 17). That changes nothing, so what is subtracted has no gradient where outputs are computed.
 */
function attend({ queries, keys, values, i, f }: Chunk, { c, n, m }: Memory): { outputs: Tensor; after: Memory } {
  const [items, steps] = i.shape as [number, number];
  const seen = tf.tensor2d(seenBy(steps), [steps, steps]);
  const sums = tf.matMul(f, seen, false, true); // F, [items, time]
  const own = tf.sub(i, sums); // ĩ_j − F_j
  const row = (x: Tensor): Tensor => tf.reshape(x, [items, 1, steps]);
  const column = (x: Tensor): Tensor => tf.reshape(x, [items, steps, 1]);
  const hidden = tf.mul(tf.sub(1, seen), never); // [time, time]
  const largest = constant(() => tf.maximum(tf.max(tf.add(row(own), hidden), 2), m), own, m); // m_t − F_t
  const weights = tf.exp(tf.add(tf.sub(row(own), column(largest)), hidden)); // [items, time, time]
  const scores = tf.mul(tf.matMul(queries, keys, false, true), weights);
  const before = tf.exp(tf.sub(m, largest)); // [items, time]
  const numerator = tf.add(tf.matMul(scores, values), tf.mul(tf.matMul(queries, c), column(before)));
  const kept = tf.reshape(tf.matMul(queries, tf.expandDims(n, 2)), [items, steps]);
  const normaliser = tf.abs(tf.add(tf.sum(scores, 2), tf.mul(kept, before)));
  const least = tf.exp(tf.minimum(tf.neg(tf.add(largest, sums)), mostExponent));
  const outputs = tf.div(numerator, column(tf.maximum(normaliser, least)));

  const total = tf.slice(sums, [0, steps - 1], [items, 1]);
  const most = tf.maximum(tf.max(own, 1, true), m); // m after the chunk, without F
  const [later, rest] = [tf.exp(tf.sub(own, most)), tf.exp(tf.sub(m, most))];
  const weighted = tf.mul(keys, column(later));
  return {
    outputs,
    after: {
      c: tf.add(tf.mul(c, tf.expandDims(rest, 2)), tf.matMul(weighted, values, true, false)),
      n: tf.add(tf.mul(n, rest), tf.sum(weighted, 1)),
      m: tf.add(most, total),
    },
  };
}

/** The steps as items see them, from the projection of all: [lane, time, batch, 4·hidden]. */
function readSteps(projected: Tensor, { own }: CellWeights, { reverse, valid }: Reading): Chunk & { open: Tensor } {
  const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
  const hidden = columns / 4;
  const heads = own!.bias_i!.shape[2]!;
  const inOrder = (x: Tensor): Tensor => (reverse ? tf.reverse(x, 1) : x);
  const [three, o] = tf.split(projected, [3 * hidden, hidden], 3) as [Tensor, Tensor];
  const rows = tf.reshape(three, [lanes, steps * batch, 3 * hidden]);
  const counts = valid && wideMask(valid, heads);
  /** The logarithms of a gate, by item; `without`: where a step does not count. */
  const gate = (name: string, logarithm: (x: Tensor) => Tensor, without: number): Tensor => {
    const sums = linear(rows, own![`weight_${name}`]!, own![`bias_${name}`]!);
    const values = logarithm(tf.reshape(sums, [lanes, steps, batch, heads]));
    const seen = counts ? tf.where(counts, values, tf.fill(values.shape, without)) : values;
    return tf.squeeze(byItem(inOrder(seen), heads), [2]);
  };
  const [queries, keys, values] = tf.split(inOrder(three), 3, 3).map((x) => byItem(x, heads)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  return {
    ...{ queries, keys: tf.mul(keys, Math.sqrt(heads / hidden)), values, open: tf.sigmoid(o) },
    // A step that does not count keeps all of the memory and adds nothing.
    i: gate('i', (x) => x, never),
    f: gate('f', (x) => tf.neg(tf.softplus(tf.neg(x))), 0),
  };
}

/** [lane, time, batch, heads·n] → [lane·batch·heads, time, n]. */
function byItem(x: Tensor, heads: number): Tensor {
  const [lanes, steps, batch, width] = x.shape as [number, number, number, number];
  const apart = tf.reshape(x, [lanes, steps, batch * heads, width / heads]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [lanes * batch * heads, steps, width / heads]);
}

/** A chunk of the steps. */
const between = (x: Tensor, begin: number, length: number): Tensor =>
  tf.slice(x, [0, begin, ...x.shape.slice(2).map(() => 0)], [x.shape[0], length, ...x.shape.slice(2)]);

/** Whether the engine has a kernel for heads of this size. */
const hasOwnKernel = (units: number): boolean => hasKernel(mlstmKernel) && (!isOnDevice() || units <= mostOfHead);

/** The same by the engine's kernel. */
function byKernel(projected: Tensor, states: readonly Tensor[], reading: Reading, { own }: CellWeights) {
  const [C, n, m] = states as [Tensor, Tensor, Tensor];
  const [outputs, ...after] = runSequence({
    kernel: mlstmKernel,
    gradient: mlstmGradientKernel,
    inputs: {
      projected,
      ...{ weight_i: own!.weight_i!, weight_f: own!.weight_f!, bias_i: own!.bias_i!, bias_f: own!.bias_f! },
      ...{ C, n, m },
    },
    valid: reading.valid,
    attributes: { reverse: reading.reverse, training: reading.training },
    ...{ results: 4, reads: [0, 4, 5] },
  });
  return { outputs: outputs!, states: after };
}

function scan(projected: Tensor, states: readonly Tensor[], reading: Reading, weights: CellWeights) {
  const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
  const [hidden, heads] = [columns / 4, weights.own!.bias_i!.shape[2]!];
  const [items, units] = [lanes * batch * heads, hidden / heads];
  if (hasOwnKernel(units)) return byKernel(projected, states, reading, weights);
  const { open, ...read } = readSteps(projected, weights, reading);
  let memory: Memory = {
    c: tf.reshape(states[0]!, [items, units, units]),
    n: tf.reshape(states[1]!, [items, units]),
    m: tf.reshape(states[2]!, [items, 1]),
  };
  const parts: Tensor[] = [];
  for (let begin = 0; begin < steps; begin += chunk) {
    const length = Math.min(chunk, steps - begin);
    const cut = (x: Tensor): Tensor => (length === steps ? x : between(x, begin, length));
    const { queries, keys, values, i, f } = read;
    const { outputs, after } = attend(
      { queries: cut(queries), keys: cut(keys), values: cut(values), i: cut(i), f: cut(f) },
      memory,
    );
    parts.push(outputs);
    memory = after;
  }
  const all = parts.length > 1 ? tf.concat(parts, 1) : parts[0]!; // [items, time, units]
  const apart = tf.transpose(tf.reshape(all, [lanes, batch * heads, steps, units]), [0, 2, 1, 3]);
  const given = tf.reshape(apart, [lanes, steps, batch, hidden]);
  return {
    outputs: tf.mul(open, reading.reverse ? tf.reverse(given, 1) : given),
    states: [
      tf.reshape(memory.c, [lanes, batch, hidden * units]),
      tf.reshape(memory.n, [lanes, batch, hidden]),
      tf.reshape(memory.m, [lanes, batch, heads]),
    ],
  };
}

/**
 * mLSTM (Beck et al. 2024, "xLSTM", equations 19 to 27) with heads of d units: q, k, v and õ by x·W + b, k divided by √d;
 * C' = f·C + i·v·kᵀ, n' = f·n + i·k, h̃ = C'·q / max(|n'·q|, 1), h' = σ(õ)∘h̃. The gates of a head are numbers, i = exp(·) and
 * f = σ(·), of linear layers over q, k and v of all heads, as in the authors' code; there they start at weights of 0 and biases for f
 * between 3 and 6, as here.
 * Gate order q, k, v, o. The states are C, n and the largest exponent m, by which they are divided.
 *
 * The block around it, with its convolution, group normalisation and skip, is left out.
 */
export const mlstm: Cell = {
  name: 'mlstm',
  kind: 'mlstm',
  gates: 4,
  states: 3,
  stateWidths: (hidden, heads) => [(hidden * hidden) / heads, hidden, heads],
  zeroPreserving: false,
  recurrence: 'none',
  biases: 1,
  separateRecurrentBias: false,
  own: [
    { name: 'weight_i', blocks: 3, rows: (heads) => heads, start: { value: 0 } },
    { name: 'weight_f', blocks: 3, rows: (heads) => heads, start: { value: 0 } },
    { name: 'bias_i', blocks: 0, rows: (heads) => heads, start: { bound: 0.1 } },
    {
      ...{ name: 'bias_f', blocks: 0, rows: (heads) => heads, isForgetBias: true },
      start: { ofBlocks: (index, count) => 3 + (3 * index) / Math.max(1, count - 1) },
    },
  ],
  // Of each there are half as many copies as of the gates of a unit.
  weightsOfSteps: (heads) => (chunk * heads) / 2,
  mostOfHead,
  alwaysScans: true,
  step(projected, before, weights) {
    const { outputs, states } = scan(tf.expandDims(projected, 1), before, { reverse: false, training: true }, weights);
    return { states, saved: [], output: tf.squeeze(outputs, [1]) };
  },
  scan,
};
