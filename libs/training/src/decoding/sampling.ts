import { lineBreakFor, textOf, type Tokens } from '@unroll/datasets';
import { stream } from '@unroll/random';
import { drawKernel, hasKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import type { LanePosition } from '../batches/lane-position';
import type { States } from '../nn/parameter';

/** Below 1, so that samples favour what the model is sure of. */
const temperature = 0.7;

export interface Sampling {
  vocabulary: readonly string[];
  /** What a token is. */
  tokens: Tokens;
  positions: readonly LanePosition[];
  /** Tokens to write. */
  length: number;
  /** States of a batch of one. */
  start: () => States;
  /** ids int32 [lane, 1, 1] → logits [lane, 1, vocabulary]. */
  step: (ids: Tensor, states: States) => { logits: Tensor; states: States };
}

/**
 * A line from each lane, all lanes at once, read back only at the end. A token is drawn by inverting the distribution
 * function of softmax(logits / temperature) at a uniform number of the lane's stream `sample`, so training's random numbers
 * are unaffected. Starts after a line break where the vocabulary has one.
 */
export async function sampleText({
  vocabulary,
  tokens: kind,
  positions,
  length,
  start,
  step,
}: Sampling): Promise<string[]> {
  const lanes = positions.length;
  const width = vocabulary.length;
  const written = tf.tidy(() => {
    const draws = tf.unstack(tf.tensor3d(uniformNumbers(positions, length), [length, lanes, 1]), 0);
    const tokens: Tensor[] = [];
    let ids: Tensor = tf.fill([lanes, 1, 1], firstToken(vocabulary, kind), 'int32');
    let states = start();
    for (const draw of draws) {
      const next = step(ids, states);
      states = next.states;
      const drawn = drawFrom(tf.mul(tf.reshape(next.logits, [lanes, width]), 1 / temperature), draw);
      ids = tf.reshape(drawn, [lanes, 1, 1]);
      tokens.push(ids);
    }
    return tf.concat(tokens, 2); // [lane, 1, length]
  });
  const values = await written.data();
  written.dispose();
  return positions.map((_, lane) =>
    textOf(
      Array.from({ length }, (_, index) => vocabulary[values[lane * length + index]!]!),
      kind,
    ),
  );
}

/** The token after which a line starts. */
const firstToken = (vocabulary: readonly string[], kind: Tokens): number =>
  Math.max(0, vocabulary.indexOf(lineBreakFor(kind)));

/** The line of one lane, as `sampleText` draws it. `logits`: of the token after one, of everything read so far. */
export function drawLine(
  { vocabulary, tokens: kind }: Pick<Sampling, 'vocabulary' | 'tokens'>,
  position: LanePosition,
  length: number,
  logits: (token: number) => Float32Array,
): string {
  const below = new Float64Array(vocabulary.length);
  let token = firstToken(vocabulary, kind);
  const pieces: string[] = [];
  for (const number of uniformNumbers([position], length)) {
    token = drawOne(logits(token), number, below);
    pieces.push(vocabulary[token]!);
  }
  return textOf(pieces, kind);
}

/** A class drawn from softmax(logits / temperature) by inversion; the last where logits are not finite. `below`: room for one of each. */
function drawOne(logits: Float32Array, number: number, below: Float64Array): number {
  const last = logits.length - 1;
  let [most, sum] = [-Infinity, 0];
  for (let index = 0; index <= last; index++) most = Math.max(most, logits[index]!);
  for (let index = 0; index <= last; index++) below[index] = sum += Math.exp((logits[index]! - most) / temperature);
  for (let index = 0; index < last; index++) if (below[index]! > number * sum) return index;
  return last;
}

/**
 * The step of a network that carries no state, over all that it wrote: `logits` of the last of at most `most` tokens, int32
 * [lane, time, 1] → [lane, 1, vocabulary]. Its state is what it wrote.
 */
export const rereading = (most: number, logits: (ids: Tensor) => Tensor): Pick<Sampling, 'start' | 'step'> => ({
  start: () => [],
  step(ids, states) {
    const before = states[0]?.[0];
    const all = before ? tf.concat([before, ids], 1) : ids;
    const [lanes, length] = all.shape as [number, number, number];
    const kept = length > most ? tf.slice(all, [0, length - most, 0], [lanes, most, 1]) : all;
    return { logits: logits(kept), states: [[kept]] };
  },
});

/**
 * A class drawn from softmax(logits) for each row, by inversion: logits [row, classes], numbers in [0, 1) [row, 1] → int32
 * [row].
 */
function drawFrom(logits: Tensor, numbers: Tensor): Tensor {
  if (hasKernel(drawKernel)) return tf.engine().runKernel<Tensor>(drawKernel, { logits, numbers });
  // Classes whose distribution function lies below the number come before the one that is drawn. Rounding may leave the last below 1.
  const before = tf.sum(tf.cast(tf.lessEqual(tf.cumsum(tf.softmax(logits), 1), numbers), 'int32'), 1);
  return tf.minimum(before, tf.scalar(logits.shape[1]! - 1, 'int32'));
}

/** A number in [0, 1) for each step of each lane, [length, lane]. */
function uniformNumbers(positions: readonly LanePosition[], length: number): Float32Array {
  const numbers = new Float32Array(length * positions.length);
  positions.forEach(({ seed, update }, lane) => {
    const random = stream(seed, 'sample');
    for (let index = 0; index < length; index++)
      numbers[index * positions.length + lane] = random.uniformFloat32(update, index);
  });
  return numbers;
}
