import { goalSign, type Compared } from '@unroll/contracts';

/** The mean of an objective over the seeds of a configuration, lower is better; null if any seed lacks the metric. */
export function meanScore({ metric, goal }: Compared, seeds: readonly Record<string, number>[]): number | null {
  const values = seeds.map((metrics) => metrics[metric]);
  if (values.length === 0 || values.some((value) => value === undefined)) return null;
  const sum = (scale: number): number => values.reduce<number>((total, value) => total + value! / scale, 0);
  const whole = sum(1);
  // A sum may be too large for a double where the mean is not.
  const mean = Number.isFinite(whole) ? whole / values.length : sum(values.length);
  return mean * goalSign({ goal });
}
