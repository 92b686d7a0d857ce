import type { Points } from '@unroll/contracts';

/** Fewest trials on each side for a threshold to say anything. */
const fewest = 3;

export interface Threshold {
  at: number;
  /** Share of the trials above that diverged, and of those below. */
  above: number;
  below: number;
}

/**
 * The value of a numeric parameter that separates the trials that diverged from those that did not with the fewest errors: a decision
 * stump. Null where it separates little: fewer than half of those above diverge, or not twice as many as below.
 */
export function divergenceThreshold(points: Pick<Points, 'items'>, index: number): Threshold | null {
  const all = points.items
    .flatMap(({ at, state }) => {
      const value = at[index];
      return typeof value === 'number' && (state === 'diverged' || state === 'completed')
        ? [{ value, diverged: state === 'diverged' }]
        : [];
    })
    .sort((a, b) => a.value - b.value);
  const total = all.filter(({ diverged }) => diverged).length;
  if (total < fewest || all.length - total < fewest) return null;
  let before = 0;
  let best: { cut: number; errors: number; before: number } | null = null;
  for (let cut = 1; cut < all.length; cut += 1) {
    if (all[cut - 1]!.diverged) before += 1;
    if (all[cut]!.value === all[cut - 1]!.value) continue;
    const errors = before + (all.length - cut - (total - before));
    if (!best || errors < best.errors) best = { cut, errors, before };
  }
  if (!best) return null;
  const above = (total - best.before) / (all.length - best.cut);
  const below = best.before / best.cut;
  if (above < 0.5 || above < 2 * below) return null;
  const [left, right] = [all[best.cut - 1]!.value, all[best.cut]!.value];
  return { at: left > 0 ? Math.sqrt(left * right) : (left + right) / 2, above, below };
}
