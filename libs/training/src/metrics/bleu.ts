const highestOrder = 4;

/**
 * Corpus BLEU with one reference a sentence, from 0 to 100, as sacreBLEU's default computes it (Papineni et al. 2002; Post
 * 2018): tokens of mteval-v13a, orders 1 to 4, brevity penalty, and the smoothing "exp" (Chen & Cherry 2014, method 3): the
 * first order without a match counts 1/2 a match, the next 1/4, and so on. 0 where not one token matches, and where no
 * sentence is long enough for an order. Throws RangeError where the two lists differ in length.
 */
export function bleu(hypotheses: readonly string[], references: readonly string[]): number {
  if (hypotheses.length !== references.length)
    throw new RangeError(`BLEU needs a reference for each of ${hypotheses.length} sentences, not ${references.length}`);
  const matches = Array.from({ length: highestOrder }, () => 0);
  const totals = [...matches];
  let [length, referenceLength] = [0, 0];
  for (const [index, hypothesis] of hypotheses.entries()) {
    const [tokens, right] = [tokens13a(hypothesis), tokens13a(references[index]!)];
    length += tokens.length;
    referenceLength += right.length;
    for (let order = 1; order <= highestOrder; order++) {
      totals[order - 1]! += Math.max(0, tokens.length - order + 1);
      matches[order - 1]! += commonGrams(gramCounts(tokens, order), gramCounts(right, order));
    }
  }
  if (!matches.some((count) => count > 0) || totals.includes(0)) return 0;
  const precisions = smoothed(matches, totals);
  const mean = precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / highestOrder;
  return 100 * Math.exp(Math.min(0, 1 - referenceLength / length) + mean);
}

/** Modified precisions, 0 to 1; an order without a match counts half of what the one before such counted. */
function smoothed(matches: readonly number[], totals: readonly number[]): number[] {
  let part = 1;
  return matches.map((count, index) => (count === 0 ? (part /= 2) : count) / totals[index]!);
}

/** How often each run of `order` tokens occurs. A token holds no white space, so a space can join them. */
function gramCounts(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= tokens.length; start++) {
    const gram = tokens.slice(start, start + order).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function commonGrams(left: Map<string, number>, right: Map<string, number>): number {
  let common = 0;
  for (const [gram, count] of left) common += Math.min(count, right.get(gram) ?? 0);
  return common;
}

/**
 * The tokens of a sentence by mteval-v13a's rules, as sacreBLEU's tokenizer 13a: punctuation and symbols of ASCII stand
 * alone, but for the apostrophe, the hyphen after anything but a digit, and the period and comma between digits.
 */
export function tokens13a(sentence: string): string[] {
  const line = sentence
    .replace(/\p{White_Space}+$/u, '')
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${line} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ')
    .split(/\p{White_Space}+/u)
    .filter((token) => token !== '');
}
