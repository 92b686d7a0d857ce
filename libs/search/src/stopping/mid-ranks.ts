import { isBetter } from './rule';

/** Ranks of the values, 0 for the best. Ties share their mean rank; NaN is the worst. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index);
  order.sort((a, b) => (isBetter(values[a]!, values[b]!) ? -1 : isBetter(values[b]!, values[a]!) ? 1 : a - b));
  const result = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && !isBetter(values[order[from]!]!, values[order[to]!]!)) to += 1;
    for (let place = from; place < to; place += 1) result[order[place]!] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}
