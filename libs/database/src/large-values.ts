/*
 * Means of values that may be as large as a double. PostgreSQL keeps the sum of squares with every mean of doubles, also where nothing but
 * the mean is asked for: of two perplexities of 1e200 it says "value out of range". Where a value is as large as that, all are added up as
 * multiples of a power of two, which changes no bit of others.
 */

/** SQL: a column `scale`: what the finite values of a window are divided by, 1 unless one of them is large. */
export const scaleOf = (value: string, window = ''): string =>
  `case when max(abs(${value})) filter (where abs(${value}) < 'Infinity') over (${window}) > 1e150
         then 2::double precision ^ 600 else 1 end as scale`;

/** Beside a large value, one that is less than 1 is nothing: divided, it could be too small for a double. */
const divided = (value: string): string =>
  `case when scale = 1 then ${value} when abs(${value}) < 1 then 0 else ${value} / scale end`;

/** SQL: the mean of values with a `scale`, added up in this order. */
export const meanOf = (value: string, order: string): string => `avg(${divided(value)} order by ${order}) * max(scale)`;

/** SQL: the standard deviation of values with a `scale`; infinite where a double cannot hold it. */
export function deviationOf(value: string, order: string): string {
  const deviation = `stddev_samp(${divided(value)} order by ${order})`;
  return `case when max(scale) = 1 or ${deviation} is null then ${deviation}
                when ${deviation} < 4e127 then ${deviation} * max(scale) else 'Infinity' end`;
}
