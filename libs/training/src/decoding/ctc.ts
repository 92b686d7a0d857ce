import { blank } from '../losses/ctc-paths';

/**
 * The labels of the likeliest path (Graves et al. 2006, best path decoding): the first `length` of `ids`, the likeliest
 * class of each step, with repeats merged and then blanks removed.
 */
export function greedyCtc(ids: ArrayLike<number>, length: number): number[] {
  const labels: number[] = [];
  for (let step = 0; step < length; step++)
    if (ids[step] !== blank && (step === 0 || ids[step] !== ids[step - 1])) labels.push(ids[step]!);
  return labels;
}

/** Labels that paths may spell, and log of the probability of those paths that were followed, in nats. */
export interface CtcReading {
  labels: number[];
  logProbability: number;
}

/** A prefix of labels, with log of the probability of the paths that spell it, apart by what they end in. */
interface Prefix {
  labels: number[];
  inBlank: number;
  inLabel: number;
}

/**
 * Prefix beam search (Hannun et al. 2014, algorithm 1, without a language model): at most `width` readings, best first, of
 * log-probabilities [time, classes], class 0 the blank. After each step the `width` likeliest prefixes are kept, so that
 * with enough width every reading has all of its probability, and the first is the likeliest. Throws RangeError for a width
 * below 1.
 */
export function ctcBeamSearch(logProbabilities: readonly ArrayLike<number>[], width: number): CtcReading[] {
  if (!(width >= 1)) throw new RangeError(`the width of a beam must be at least 1, not ${width}`);
  let beam: Prefix[] = [{ labels: [], inBlank: 0, inLabel: -Infinity }];
  for (const row of logProbabilities) {
    const next = new Map<string, Prefix>();
    const reached = (labels: number[]): Prefix => {
      const key = labels.join();
      const known = next.get(key) ?? { labels, inBlank: -Infinity, inLabel: -Infinity };
      next.set(key, known);
      return known;
    };
    for (const { labels, inBlank, inLabel } of beam) {
      const either = logSum(inBlank, inLabel);
      const last = labels.at(-1);
      const same = reached(labels);
      same.inBlank = logSum(same.inBlank, either + row[blank]!);
      if (last !== undefined) same.inLabel = logSum(same.inLabel, inLabel + row[last]!);
      for (let label = 1; label < row.length; label++) {
        // A repeated label is a new one only after a blank.
        const before = label === last ? inBlank : either;
        if (before === -Infinity) continue;
        const longer = reached([...labels, label]);
        longer.inLabel = logSum(longer.inLabel, before + row[label]!);
      }
    }
    beam = [...next.values()].sort((a, b) => total(b) - total(a)).slice(0, width);
  }
  return beam.map((prefix) => ({ labels: prefix.labels, logProbability: total(prefix) }));
}

const total = ({ inBlank, inLabel }: Prefix): number => logSum(inBlank, inLabel);

function logSum(a: number, b: number): number {
  const [large, small] = a > b ? [a, b] : [b, a];
  return small === -Infinity ? large : large + Math.log1p(Math.exp(small - large));
}
