import { isBetter } from './rule';

/** Ranks of the values, 0 for the best. Ties share their mean rank; NaN is the worst. */
function toRanks(values: readonly number[]): number[] {
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

/**
 * Spearman's rank correlation of two measurements of the same items, −1 to 1. Undefined for fewer than three items, or if all values of a
 * measurement are equal.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length !== b.length) throw new RangeError(`${a.length} values cannot be paired with ${b.length}`);
  if (a.length < 3) return undefined;
  const [x, y] = [toRanks(a), toRanks(b)];
  const middle = (a.length - 1) / 2;
  let [products, squaresX, squaresY] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    products += (x[index]! - middle) * (y[index]! - middle);
    squaresX += (x[index]! - middle) ** 2;
    squaresY += (y[index]! - middle) ** 2;
  }
  return squaresX === 0 || squaresY === 0 ? undefined : products / Math.sqrt(squaresX * squaresY);
}
