import type { Baseline } from '@unroll/contracts';
import type { TokenData, TokenSource } from '../prepared/data';

/** Added to every count, so that unseen pairs have a probability. */
const smoothing = 0.1;
/** Number of tokens read at once. */
const block = 2 ** 16;
/** Maximum size of the table of pairs. Beyond it, only as many of the last training tokens are counted, to bound memory. */
const mostPairs = 2 ** 22;

/**
 * The bigram baseline: P(next | last) from counts in the training part with additive smoothing (Lidstone 1920). Measured on the
 * validation part in nats per token.
 */
export function bigramBaseline(
  { vocabulary, tokens, train, validation, characters }: TokenData,
  most = mostPairs,
): Baseline {
  const size = vocabulary.length;
  const table = size * size <= most;
  const pairs = table ? tableOfCounts(size * size) : hashOfCounts(Math.min(train.length, most));
  const totals = new Float64Array(size);
  eachPair(train, table ? 0 : Math.max(0, train.length - most), (last, next) => {
    pairs.add(last * size + next);
    totals[last]! += 1;
  });
  let nats = 0;
  eachPair(validation, 0, (last, next) => {
    nats -= Math.log((pairs.of(last * size + next) + smoothing) / (totals[last]! + smoothing * size));
  });
  const loss = nats / (validation.length - 1);
  return {
    name: `${tokens} bigram`,
    metrics: {
      'validation.loss': loss,
      'validation.perplexity': Math.exp(loss),
      'validation.bitsPerToken': loss / Math.LN2,
      ...(characters && { 'validation.bitsPerCharacter': nats / characters.validation / Math.LN2 }),
    },
  };
}

interface Counts {
  add(key: number): void;
  of(key: number): number;
}

function tableOfCounts(size: number): Counts {
  const counts = new Float64Array(size);
  return { add: (key) => void (counts[key]! += 1), of: (key) => counts[key]! };
}

/** A hash table with open addressing on typed arrays: a third of the memory of a Map. At most `most` keys, each below 2^32. */
function hashOfCounts(most: number): Counts {
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(1, most)));
  const [keys, counts] = [new Uint32Array(size), new Uint32Array(size)];
  const place = (key: number): number => {
    // Fibonacci hashing (Knuth, volume 3, section 6.4) spreads neighbouring keys.
    let at = (Math.imul(key, 0x9e3779b1) >>> 7) & (size - 1);
    while (counts[at] !== 0 && keys[at] !== key) at = (at + 1) & (size - 1);
    return at;
  };
  return {
    add(key) {
      const at = place(key);
      keys[at] = key;
      counts[at]! += 1;
    },
    of: (key) => counts[place(key)]!,
  };
}

/** All pairs of consecutive tokens, starting at `first`. */
function eachPair(source: TokenSource, first: number, pair: (last: number, next: number) => void): void {
  for (let from = first; from < source.length - 1; from += block) {
    // One extra token, for the pair that spans two blocks.
    const tokens = source.read(from, block + 1);
    for (let at = 1; at < tokens.length; at++) pair(tokens[at - 1]!, tokens[at]!);
  }
}
