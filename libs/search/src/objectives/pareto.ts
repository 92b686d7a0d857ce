/** Whether `a` is nowhere worse than `b` and somewhere better; less is better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((each, index) => each <= b[index]!) && a.some((each, index) => each < b[index]!);
}

/**
 * Front of each entry, 0 for those that nothing dominates. Sorted by their values, each is compared with those of a front before it alone, and joins the first
 * that does not dominate it (Zhang et al. 2015, "efficient non-dominated sort").
 */
export function paretoRanks(values: readonly (readonly number[])[]): number[] {
  const order = values.map((_, index) => index);
  order.sort((a, b) => lexically(values[a]!, values[b]!) || a - b);
  const ranks = values.map(() => 0);
  const fronts: number[][] = [];
  for (const index of order) {
    const free = fronts.findIndex((front) => !front.some((other) => dominates(values[other]!, values[index]!)));
    const rank = free < 0 ? fronts.length : free;
    (fronts[rank] ??= []).push(index);
    ranks[index] = rank;
  }
  return ranks;
}

/** Order by the first value in which they differ; infinities are values. */
function lexically(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

/** Distance of each entry of one front to its neighbours, the ends infinitely far (Deb et al. 2002). */
export function crowdingDistances(values: readonly (readonly number[])[]): number[] {
  const distances = values.map(() => 0);
  for (let objective = 0; objective < (values[0]?.length ?? 0); objective += 1) {
    const order = values
      .map((_, index) => index)
      .sort((a, b) => values[a]![objective]! - values[b]![objective]! || a - b);
    const range = values[order.at(-1)!]![objective]! - values[order[0]!]![objective]! || 1;
    for (const [place, index] of order.entries()) {
      const [before, after] = [order[place - 1], order[place + 1]];
      distances[index]! +=
        before === undefined || after === undefined
          ? Infinity
          : (values[after]![objective]! - values[before]![objective]!) / range;
    }
  }
  return distances;
}
