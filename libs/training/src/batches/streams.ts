import type { TokenSource } from '@unroll/datasets';

/**
 * Sequences that are read side by side, step by step: a language model's view of its data. Row b has `lengths[b]` steps
 * with an input and a target, the longest row `steps`.
 */
export interface Streams {
  batch: number;
  steps: number;
  lengths: readonly number[];
  /** `count` tokens of a row from step `from` on: the input of each step, and of the last one the target too. */
  read(row: number, from: number, count: number): ArrayLike<number>;
  /** All tokens, where row b starts at b · `steps`; undefined for streams with another layout. */
  tokens?: TokenSource;
}

/**
 * A text cut into `batch` contiguous streams of equal length, the last ones shorter if it does not divide evenly: every
 * token but the first is a target exactly once. Throws Error for fewer than two tokens.
 */
export function contiguousStreams(tokens: TokenSource, batch: number): Streams {
  const pairs = tokens.length - 1;
  if (pairs < 1) throw new Error('a text needs at least two tokens');
  const steps = Math.ceil(pairs / batch);
  return {
    batch,
    steps,
    lengths: Array.from({ length: batch }, (_, row) => Math.max(0, Math.min(steps, pairs - row * steps))),
    read: (row, from, count) => tokens.read(row * steps + from, count),
    tokens,
  };
}

/** Truncated backpropagation TBPTT(k1, k2): `scored` = k1 new steps an update, `context` = k2 − k1 steps before them. */
export interface Window {
  scored: number;
  context: number;
}

/** How many windows a pass over the streams has. The last one may reach past their end. */
export const windowCount = ({ steps }: Streams, { scored }: Window): number => Math.ceil(steps / scored);

/** Windows of several lanes as plain arrays. */
export interface WindowArrays {
  /** [lane, context + scored, batch], 0 where there is nothing. */
  ids: Int32Array;
  /** [lane, scored · batch], 0 where there is nothing. */
  classes: Int32Array;
  /** 1 where a target counts, [lane, scored · batch]. */
  valid: Uint8Array;
  /** Targets of each lane that count. */
  counts: number[];
  /** 1 where a step lies within the stream's beginning, [lane, context + scored, batch]; undefined where all do. */
  steps?: Uint8Array;
}

/** The current windows of the lanes, each by its own number from 0: a pure function of that number. */
export function windowArrays(streams: Streams, window: Window, indices: readonly number[]): WindowArrays {
  const { batch, lengths } = streams;
  const { scored, context } = window;
  const length = context + scored;
  const ids = new Int32Array(indices.length * length * batch);
  const classes = new Int32Array(indices.length * scored * batch);
  const valid = new Uint8Array(classes.length);
  const early = indices.some((index) => index * scored < context);
  const steps = early ? new Uint8Array(ids.length) : undefined;
  const counts = indices.map((index, lane) => {
    const start = index * scored - context;
    const first = Math.max(0, -start); // the first step of the window that lies within the stream
    let count = 0;
    for (let row = 0; row < batch; row++) {
      const there = Math.max(0, Math.min(length, lengths[row]! - start));
      const tokens = there > first ? streams.read(row, start + first, there - first + 1) : [];
      for (let j = first; j < length; j++) {
        const at = (lane * length + j) * batch + row;
        if (steps) steps[at] = 1;
        if (j >= there) continue;
        ids[at] = tokens[j - first]!;
        if (j < context) continue;
        const target = (lane * scored + j - context) * batch + row;
        classes[target] = tokens[j - first + 1]!;
        valid[target] = 1;
        count++;
      }
    }
    return count;
  });
  return { ids, classes, valid, counts, steps };
}
