import type { DataReading } from '@unroll/contracts';
import { isConstant } from '../prepared/scaling';
import type { DecidedTask, Forecasting } from './panel';

/** Above it, a series is not taken as one around a level: significance 5 % (Kwiatkowski et al. 1992, table 1). */
const critical = 0.463;
/** Fewer values say nothing. */
const leastValues = 8;

/** The means of the whole seasons of a series, from its end, which have no season left. */
function seasonMeans(values: readonly number[], season: number): number[] {
  const count = Math.floor(values.length / season);
  const first = values.length - count * season;
  return Array.from({ length: count }, (_, block) => {
    const from = first + block * season;
    return values.slice(from, from + season).reduce((sum, value) => sum + value, 0) / season;
  });
}

/**
 * The statistic of Kwiatkowski, Phillips, Schmidt & Shin (1992, equation 13) for a series around a level: the sum of squares of its partial
 * sums over n² times the long-run variance. That has as many lags, with Bartlett's weights, as Hyndman & Khandakar (2008) take to decide on
 * differences: 3·√n / 13. Errors that are correlated over a few rows are no trend for it.
 */
export function kpss(values: readonly number[]): number {
  if (isConstant(values)) return 0;
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const errors = values.map((value) => value - mean);
  let [partial, squares] = [0, 0];
  for (const error of errors) {
    partial += error;
    squares += partial ** 2;
  }
  const lags = Math.floor((3 * Math.sqrt(n)) / 13);
  let variance = errors.reduce((sum, error) => sum + error ** 2, 0);
  for (let lag = 1; lag <= lags; lag++) {
    let product = 0;
    for (let row = lag; row < n; row++) product += errors[row]! * errors[row - lag]!;
    variance += 2 * (1 - lag / (lags + 1)) * product;
  }
  return variance > 0 ? squares / n / variance : 0;
}

/** Whether a series, without what is missing, has a trend or wanders; its seasons are not taken for one. */
export function hasTrend(values: readonly number[], season = 1): boolean {
  const level = season > 1 && values.length >= leastValues * season ? seasonMeans(values, season) : values;
  return level.length >= leastValues && kpss(level) > critical;
}

/** What task.reference: auto stands for in the data that a network was trained on. */
type Reference = NonNullable<DataReading['reference']>;

/** `series`: what is learned of each series in the training part. */
export function chosenReference(
  series: readonly (readonly number[])[],
  { season }: Forecasting,
): { reference: Reference; fact: string } {
  const trending = series.filter((values) => hasTrend(values, season)).length;
  const found =
    series.length === 1
      ? trending === 1
        ? 'a trend'
        : 'no trend'
      : `a trend in ${trending} of ${series.length} series`;
  if (2 * trending <= series.length) return { reference: 'none', fact: `${found}: forecasts are values` };
  return { reference: 'last', fact: `${found}: forecasts are differences from the last value` };
}

/** A task with what is left to tests as it was decided in the data that a network was trained on. */
export const decided = (task: Forecasting, known: Pick<DataReading, 'reference' | 'transform'>): DecidedTask => {
  const { reference, transform } = task;
  return {
    ...task,
    reference: reference === 'auto' ? (known.reference ?? 'none') : reference,
    transform: transform === 'auto' ? (known.transform ?? 'none') : transform,
  };
};
