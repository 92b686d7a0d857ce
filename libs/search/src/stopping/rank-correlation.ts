import { midRanks } from './mid-ranks';

/**
 * Spearman's rank correlation of two measurements of the same items, −1 to 1. Undefined for fewer than three items, or if all values of a
 * measurement are equal.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length !== b.length) throw new RangeError(`${a.length} values cannot be paired with ${b.length}`);
  if (a.length < 3) return undefined;
  const [x, y] = [midRanks(a), midRanks(b)];
  const middle = (a.length - 1) / 2;
  let [products, squaresX, squaresY] = [0, 0, 0];
  for (let index = 0; index < a.length; index += 1) {
    products += (x[index]! - middle) * (y[index]! - middle);
    squaresX += (x[index]! - middle) ** 2;
    squaresY += (y[index]! - middle) ** 2;
  }
  return squaresX === 0 || squaresY === 0 ? undefined : products / Math.sqrt(squaresX * squaresY);
}
