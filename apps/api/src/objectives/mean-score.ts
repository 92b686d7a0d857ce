import { goalSign, meanOf, type Compared } from '@unroll/contracts';

/** The mean of an objective over the seeds of a configuration, lower is better; null if any seed lacks the metric. */
export function meanScore({ metric, goal }: Compared, seeds: readonly Record<string, number>[]): number | null {
  const values = seeds.map((metrics) => metrics[metric]);
  if (values.length === 0 || values.some((value) => value === undefined)) return null;
  return meanOf(values as number[]) * goalSign({ goal });
}
