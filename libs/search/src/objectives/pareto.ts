import { differencesOf } from '@unroll/contracts';

/** Whether `a` is no worse than `b` in any objective and better in at least one; lower is better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  return a.every((each, index) => each <= b[index]!) && a.some((each, index) => each < b[index]!);
}

/**
 * The Pareto rank of each entry, 0 for non-dominated ones. Entries are sorted, so that each is compared only with earlier ones of a
 * front, and joins the first front that does not dominate it (Zhang et al. 2015, "efficient non-dominated sort").
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

/** Lexicographic order, including infinities. */
function lexically(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((each, index) => each !== b[index]);
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
}

/** Crowding distance of each entry of a front; infinite at the ends (Deb et al. 2002). */
export function crowdingDistances(values: readonly (readonly number[])[]): number[] {
  const distances = values.map(() => 0);
  for (let objective = 0; objective < (values[0]?.length ?? 0); objective += 1) {
    const order = values
      .map((_, index) => index)
      .sort((a, b) => lexically([values[a]![objective]!], [values[b]![objective]!]) || a - b);
    const at = (index: number): number => values[index]![objective]!;
    const [range, ...gaps] = differencesOf([
      [at(order.at(-1)!), at(order[0]!)],
      ...order.slice(2).map((after, place) => [at(after), at(order[place]!)] as const),
    ]).values;
    for (const [place, index] of order.entries()) {
      const isEnd = place === 0 || place === order.length - 1;
      distances[index]! += isEnd ? Infinity : gaps[place - 1]! / (range || 1);
    }
  }
  return distances;
}
