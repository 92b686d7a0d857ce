/** A row's rank. Rows of equal score share one, and the ranks after them are skipped (1, 1, 3). */
export interface Standing {
  rank: number;
  tied: boolean;
}

/** The row at the edge of a page; places count from 1. */
export interface RankedPosition {
  score: number;
  sweepId: string;
  configuration: number;
  rank: number;
  place: number;
}

interface Scored {
  score: number;
}

/**
 * The ranks of a page, from the rank and the place of the row after which it begins, or before which it ends. `found`: in the order of
 * reading, with one row more than the limit if there is one. `equalBefore` is called only if the page begins within rows of equal score.
 */
export async function ranked<Row extends Scored>(
  found: readonly Row[],
  limit: number,
  from: { position: RankedPosition; direction: 'next' | 'previous' } | undefined,
  equalBefore: (row: Row) => Promise<number>,
): Promise<{ rows: (Row & Standing & { place: number })[]; hasNext: boolean; hasPrevious: boolean }> {
  const shown = found.slice(0, limit);
  const extra = found[limit];
  const { position } = from ?? {};
  if (from?.direction !== 'previous') {
    const edge = position ? { score: position.score, rank: position.rank } : undefined;
    const rows = ranksFrom(shown, (position?.place ?? 0) + 1, edge, extra?.score);
    return { rows, hasNext: extra !== undefined, hasPrevious: position !== undefined };
  }
  const rows = shown.reverse();
  const [first] = rows;
  // Rows that were added or removed since the cursor was made only matter at the beginning.
  const place = extra ? Math.max(2, position!.place - rows.length) : 1;
  const before = first && extra?.score === first.score ? { score: first.score, rank: await firstRank() } : undefined;
  return { rows: ranksFrom(rows, place, before, position!.score), hasNext: true, hasPrevious: extra !== undefined };

  async function firstRank(): Promise<number> {
    if (first!.score === position!.score) return position!.rank;
    return Math.max(1, place - (await equalBefore(first!)));
  }
}

function ranksFrom<Row extends Scored>(
  rows: readonly Row[],
  firstPlace: number,
  before: { score: number; rank: number } | undefined,
  scoreAfter: number | undefined,
): (Row & Standing & { place: number })[] {
  let last = before;
  return rows.map((row, index) => {
    const { score } = row;
    const place = firstPlace + index;
    const tiedBefore = last?.score === score;
    const next = index + 1 < rows.length ? rows[index + 1]!.score : scoreAfter;
    last = { score, rank: tiedBefore ? last!.rank : place };
    return { ...row, rank: last.rank, tied: tiedBefore || next === score, place };
  });
}
