/**
 * The least number of insertions, deletions and replacements that turn `a` into `b` (Levenshtein 1966), over items compared with
 * ===. Takes |a|·|b| steps and one row of memory (Wagner & Fischer 1974).
 */
export function editDistance<Item>(a: ArrayLike<Item>, b: ArrayLike<Item>): number {
  // distances[j]: from the items of a so far to the first j of b.
  const distances = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    let diagonal = distances[0]!;
    distances[0] = i + 1;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + (a[i] === b[j - 1] ? 0 : 1);
      diagonal = distances[j]!;
      distances[j] = Math.min(replaced, diagonal + 1, distances[j - 1]! + 1);
    }
  }
  return distances[b.length]!;
}

/**
 * Right tokens, −1 in place of the token `unknown`: a word outside the vocabulary, of which nothing that is written is known to be it. Else
 * the smallest vocabulary would be the best.
 */
export const rightTokens = (ids: ArrayLike<number>, unknown: number): Int32Array =>
  Int32Array.from(ids, (id) => (id === unknown ? -1 : id));

/**
 * All edits over the length of all references, as in word and character error rates; above 1 where hypotheses are much too
 * long. The length counts as 1 where all references are empty. Throws RangeError where the two lists differ in length.
 */
export function editRate<Item>(hypotheses: readonly ArrayLike<Item>[], references: readonly ArrayLike<Item>[]): number {
  if (hypotheses.length !== references.length)
    throw new RangeError(
      `the edit rate needs a reference for each of ${hypotheses.length} sequences, not ${references.length}`,
    );
  let [edits, length] = [0, 0];
  for (const [index, hypothesis] of hypotheses.entries()) {
    edits += editDistance(hypothesis, references[index]!);
    length += references[index]!.length;
  }
  return edits / Math.max(1, length);
}
