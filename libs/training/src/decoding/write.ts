import { isOnDevice } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import type { States } from '../nn/parameter';
import { computeLengthPenalty } from './beam-search';

/** A log-probability too low to be chosen, yet finite. */
const never = -1e30;
/** Ranks ended hypotheses before unfinished ones. */
const kept = 1e15;

/** Sequences that are written side by side, with `width` hypotheses each. */
export interface Writing {
  lanes: number;
  /** Sequences of a lane. */
  batch: number;
  /** Of these, the first ones, which there is something to write for; the others fill up the array. */
  rows: number;
  /** Hypotheses followed side by side; 1 is greedy decoding. */
  width: number;
  /** Most tokens of a sequence, its end among them. */
  length: number;
  /** The number of tokens; the token that starts a sequence, which is never written; and the token that ends it. */
  vocabulary: number;
  start: number;
  end: number;
  /** Before the first token; each [lane, batch, units]. */
  states: States;
  /**
   * ids int32 [lane, 1, batch·width] and states of as many rows → logits [lane, batch·width, vocabulary], and the states
   * after them.
   */
  step: (ids: Tensor, states: States) => { logits: Tensor; states: States };
}

/**
 * Beam search of all sequences of all lanes at once: the algorithm of `beamSearch`. From a device nothing is read back;
 * elsewhere no more steps are taken once all have ended. The answer, [lane, n], is for `pickBest` alone: for each step each
 * hypothesis' token and the one it continues, and finally their log-probabilities.
 */
export function write(writing: Writing): Tensor {
  const { lanes, batch, width, length, start, end } = writing;
  const sequences = lanes * batch;
  let ids: Tensor = tf.fill([lanes, 1, batch * width], start, 'int32');
  let states = writing.states.map((places) => places.map((state) => repeated(state, width)));
  // At first all hypotheses are the same one.
  const first = Array.from({ length: width }, (_, index) => (index === 0 ? 0 : never));
  let scores: Tensor = tf.tile(tf.tensor2d([first]), [sequences, 1]); // [lane·batch, width]
  let ended: Tensor = tf.zeros([sequences, width], 'bool');
  const lines: Tensor[] = [];
  for (let index = 0; index < length; index++) {
    // Logits of a large vocabulary are big: they are disposed after each step.
    const next = tf.tidy(() => {
      const given = writing.step(ids, states);
      const { parents, tokens, scores: after } = likeliest(writing, given.logits, scores, ended);
      const rows = tf.reshape(tf.add(parents, firstRows(sequences, width)), [sequences * width]);
      return {
        parents,
        tokens,
        scores: after,
        ended: tf.equal(tokens, tf.scalar(end, 'int32')),
        states: given.states.map((places) => places.map((state) => takeRows(state, rows))),
      };
    });
    ({ scores, ended, states } = next);
    ids = tf.reshape(next.tokens, [lanes, 1, batch * width]);
    lines.push(...[next.tokens, next.parents].map((each) => tf.reshape(tf.cast(each, 'float32'), [lanes, -1])));
    if (!isOnDevice() && haveEnded(writing, ended)) break;
  }
  if (lines.length < 2 * length) {
    // Ended hypotheses stay as they are.
    const itself = Float32Array.from({ length: lanes * batch * width }, (_, at) => at % width);
    const rest = [tf.fill([lanes, batch * width], end), tf.tensor2d(itself, [lanes, batch * width])];
    while (lines.length < 2 * length) lines.push(...rest);
  }
  return tf.concat([...lines, tf.reshape(scores, [lanes, batch * width])], 1);
}

/** Whether all hypotheses of all sequences that there are have ended, [lane·batch, width]. A device would have to be waited for. */
function haveEnded({ batch, width, rows }: Writing, ended: Tensor): boolean {
  const all = ended.dataSync();
  return all.every((each, at) => each === 1 || Math.floor(at / width) % batch >= rows);
}

/** [lane, batch, units] → [lane, batch·width, units], each row `width` times. */
function repeated(state: Tensor, width: number): Tensor {
  const [lanes, batch, units] = state.shape as [number, number, number];
  return tf.reshape(tf.tile(tf.reshape(state, [lanes, batch, 1, units]), [1, 1, width, 1]), [
    lanes,
    batch * width,
    units,
  ]);
}

/** Where the hypotheses of each sequence begin, int32 [lane·batch, 1]. */
const firstRows = (sequences: number, width: number): Tensor =>
  tf.tensor2d(
    Int32Array.from({ length: sequences }, (_, index) => index * width),
    [sequences, 1],
    'int32',
  );

function takeRows(state: Tensor, rows: Tensor): Tensor {
  const [lanes, count, units] = state.shape as [number, number, number];
  return tf.reshape(tf.gather(tf.reshape(state, [lanes * count, units]), rows), [lanes, count, units]);
}

/**
 * The `width` likeliest continuations of each sequence, all [lane·batch, width]. An ended one stays as it is and leaves
 * less room for the others. Of equal ones the earlier hypothesis and the smaller token win.
 */
function likeliest(
  { lanes, batch, width, vocabulary, start, end }: Writing,
  logits: Tensor,
  scores: Tensor,
  ended: Tensor,
): { parents: Tensor; tokens: Tensor; scores: Tensor } {
  const sequences = lanes * batch;
  // No more than these of each hypothesis can be among the likeliest of all, and one of them may be the start, which is never written.
  const count = Math.min(width + 1, vocabulary);
  const shape: [number, number, number] = [sequences, width, count];
  const best = tf.topk(tf.softmax(logits), count, true);
  const read = tf.reshape(best.indices, shape);
  const before = tf.reshape(scores, [sequences, width, 1]);
  const isStart = tf.equal(read, tf.scalar(start, 'int32'));
  const growing = tf.where(
    isStart,
    tf.fill(shape, never),
    tf.maximum(tf.add(tf.reshape(tf.log(best.values), shape), before), never),
  );
  // Of one that has ended the first candidate is itself, and there is no other.
  const itself = tf.tensor3d(
    Array.from({ length: count }, (_, index) => (index === 0 ? 0 : never)),
    [1, 1, count],
  );
  const isEnded = tf.cast(tf.tile(tf.reshape(tf.cast(ended, 'int32'), [sequences, width, 1]), [1, 1, count]), 'bool');
  const candidates = tf.where(isEnded, tf.add(before, itself), growing);
  const ranks = tf.where(isEnded, tf.add(candidates, kept), candidates);
  const { indices } = tf.topk(tf.reshape(ranks, [sequences, width * count]), width, true);
  const places = tf.reshape(tf.add(indices, firstRows(sequences, width * count)), [sequences * width]);
  const at = (x: Tensor): Tensor =>
    tf.reshape(tf.gather(tf.reshape(x, [sequences * width * count]), places), [sequences, width]);
  return {
    parents: tf.cast(tf.floorDiv(indices, tf.scalar(count, 'int32')), 'int32'),
    tokens: at(tf.where(isEnded, tf.fill(shape, end, 'int32'), read)),
    scores: at(candidates),
  };
}

/**
 * What one lane wrote: of each sequence the best hypothesis by log-probability over the length penalty, without its end.
 * `values`: the lane's row of what `write` gave.
 */
export function pickBest(
  values: ArrayLike<number>,
  { batch, width, length, end }: Pick<Writing, 'batch' | 'width' | 'length' | 'end'>,
  lengthPenalty: number,
): number[][] {
  const hypotheses = batch * width;
  return Array.from({ length: batch }, (_, sequence) => {
    let best: { score: number; tokens: number[] } | undefined;
    for (let last = 0; last < width; last++) {
      const tokens: number[] = [];
      let at = last;
      for (let step = length - 1; step >= 0; step--) {
        const place = 2 * step * hypotheses + sequence * width + at;
        tokens.unshift(values[place]!);
        at = values[place + hypotheses]!;
      }
      const ends = tokens.indexOf(end);
      const count = ends === -1 ? length : ends + 1;
      const score =
        values[2 * length * hypotheses + sequence * width + last]! / computeLengthPenalty(count, lengthPenalty);
      if (!best || score > best.score) best = { score, tokens: ends === -1 ? tokens : tokens.slice(0, ends) };
    }
    return best!.tokens;
  });
}
