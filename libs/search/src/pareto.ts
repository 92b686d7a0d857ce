/** Whether `a` is nowhere worse than `b` and somewhere better; less is better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((each, index) => each <= b[index]!) && a.some((each, index) => each < b[index]!);
}

/** Front of each entry, 0 for those that nothing dominates (Deb et al. 2002, fast non-dominated sort). */
export function paretoRanks(values: readonly (readonly number[])[]): number[] {
  const ranks = values.map(() => -1);
  let left = values.map((_, index) => index);
  for (let rank = 0; left.length > 0; rank += 1) {
    const front = left.filter((index) => !left.some((other) => dominates(values[other]!, values[index]!)));
    for (const index of front) ranks[index] = rank;
    left = left.filter((index) => ranks[index]! < 0);
  }
  return ranks;
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
