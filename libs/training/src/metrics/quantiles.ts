import { jStat } from 'jstat';

/** Degrees of freedom are rounded to steps of 0.2 %, so that each quantile is computed once: it then is off by less than 0.1 %. */
const stepsPerUnit = 500;
const known = new Map<string, number>();

function remembered(key: string, compute: () => number): number {
  const value = known.get(key) ?? compute();
  known.set(key, value);
  return value;
}

/** The quantile of the standard normal distribution. */
export const normalQuantile = (level: number): number => remembered(`${level}`, () => jStat.normal.inv(level, 0, 1));

/** The quantile of Student's t with `freedom` degrees of freedom, of which more than 10,000 are as many as infinitely many. */
export function studentQuantile(level: number, freedom: number): number {
  if (!(freedom < 10_000)) return normalQuantile(level);
  const step = Math.round(Math.log(freedom) * stepsPerUnit);
  return remembered(`${level} ${step}`, () => jStat.studentt.inv(level, Math.exp(step / stepsPerUnit)));
}
