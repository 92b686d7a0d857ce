import { counted } from '../format/number';

/** The shares that may be cut off an end, the smallest that keeps the rest readable first. */
const cuts = [0.05, 0.1, 0.15, 0.2, 0.25] as const;
/** Times the shown range that the whole range must be for the axis to be clipped. */
const flattening = 3;
/** The least share of the axis that the middle half of the values takes, where no more than the last cut is needed. */
const readable = 1 / 12;

/** Where an axis ends before its outliers. */
export interface Clipped {
  low: number;
  high: number;
  /** How many values are outside. */
  outside: number;
  /** What it leaves out, as a sentence. */
  text: string;
}

/**
 * The range of a linear axis that outliers would otherwise flatten: up to a quantile, 5 % from each end that has outliers, or up to 25 %
 * where those before it still flatten the middle half of the values. Null if no outlier does.
 */
export function clippedRange(values: readonly (number | null)[]): Clipped | null {
  const sorted = values
    .filter((value): value is number => value !== null && Number.isFinite(value))
    .sort((a, b) => a - b);
  if (sorted.length < 20) return null;
  const at = (cut: number): [low: number, high: number] => {
    const place = Math.max(1, Math.floor(sorted.length * cut));
    return [sorted[place]!, sorted[sorted.length - 1 - place]!];
  };
  const middle = at(0.25);
  const ranges = cuts.flatMap((cut) => cutOff(sorted, at(cut), cut) ?? []);
  const range = ranges.find(({ low, high }) => middle[1] - middle[0] >= (high - low) * readable) ?? ranges.at(-1);
  if (!range) return null;
  const { low, high, cut } = range;
  const outside = sorted.filter((value) => value < low || value > high).length;
  return outside === 0 ? null : { low, high, outside, text: textOf(sorted, { low, high, cut }, outside) };
}

/** Cuts only the ends with outliers; null for values of which the inner ones are all equal. */
function cutOff(sorted: readonly number[], [low, high]: [number, number], cut: number) {
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const far = (high - low) * (flattening - 1);
  return far <= 0 ? null : { low: low - least > far ? low : least, high: most - high > far ? high : most, cut };
}

function textOf(
  sorted: readonly number[],
  { low, high, cut }: { low: number; high: number; cut: number },
  outside: number,
) {
  const quantiles = [
    ...(low > sorted[0]! ? [`begins at the ${Math.round(100 * cut)} % quantile`] : []),
    ...(high < sorted.at(-1)! ? [`ends at the ${Math.round(100 * (1 - cut))} % quantile`] : []),
  ];
  return `Outliers would flatten the rest: the axis ${quantiles.join(' and ')}, and ${counted(outside, 'value')} ${
    outside === 1 ? 'is' : 'are'
  } outside.`;
}
