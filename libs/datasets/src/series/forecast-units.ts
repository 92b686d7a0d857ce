import type { ForecastUnits } from '../prepared/data';
import type { Span } from '../prepared/rows';

/** The series that a forecast from row `start` on is of; spans are in the order of rows. */
export function spanAt(spans: readonly Span[], start: number): Span {
  let [low, high] = [0, spans.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.end >= start) high = middle;
    else low = middle + 1;
  }
  return spans[low]!;
}

/** The row a season before the row `ahead` rows after `start`: as many seasons before as it takes to be known at `start`. */
export const seasonBefore = (start: number, ahead: number, season: number): number =>
  start + ahead - season * (Math.floor(ahead / season) + 1);

/** What is added to the scaled output of window `index` for the row `ahead` rows after its first, in the unit of what is learned. */
export function forecastBase(
  { learned, starts, shift, reference, season }: ForecastUnits,
  index: number,
  ahead: number,
): number {
  const start = starts[index]!;
  if (reference === 'none') return shift[index]!;
  if (reference === 'last') return learned[start - 1]!;
  return learned[seasonBefore(start, ahead, season)]!;
}

/** The outputs of window `index`, as many as rows ahead, in the unit of the data. */
export const inUnits = (units: ForecastUnits, index: number, outputs: ArrayLike<number>): number[] =>
  Array.from(outputs, (value, ahead) => {
    const learned = value * units.scale[index]! + forecastBase(units, index, ahead);
    if (units.isOfCounts) return Math.round(learned);
    return units.isLogarithmic ? Math.exp(learned) : learned;
  });
