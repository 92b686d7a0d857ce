/** A row's rank: rows of equal score share one, and the next has as many less as they are. */
export interface Standing {
  rank: number;
  tied: boolean;
}

/** A row that a page ends at: its place counts from 1. */
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
 * Ranks of a page, from the rank and the place of the row that it begins behind, or ends before. `found`: in the order of walking, with one row
 * more than the limit where there is one. `equalBefore` is asked only where the page begins within rows of one score.
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
  // What was added or went since the cursor was made shows at the beginning alone.
  const place = extra ? Math.max(2, position!.place - rows.length) : 1;
  const before = first && extra?.score === first.score ? { score: first.score, rank: await rankOf() } : undefined;
  return { rows: ranksFrom(rows, place, before, position!.score), hasNext: true, hasPrevious: extra !== undefined };

  async function rankOf(): Promise<number> {
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
