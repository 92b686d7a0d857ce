import { isDistribution, type MetricSeries, type SweepView, type TrialView } from '@unroll/contracts';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** A sweep or study whose trials are written for another tool. */
export interface ExportedSweep {
  sweep: SweepView;
  /** Those that have ended and have a value, in the order of their proposal. */
  trials: TrialView[];
}

/** The learning curves of a trial, every point. */
export async function curvesOf({ id }: TrialView): Promise<MetricSeries[]> {
  const query = { maxPoints: 100_000 };
  const { series } = await call<{ series: MetricSeries[] }>(`/v1/trials/${id}/metrics`, { query });
  return series;
}

/** Milliseconds since 1970 when a trial was a fraction of its way from its start to its end. */
export function timeWithin({ createdAt, startedAt, finishedAt }: TrialView, fraction: number): number {
  const start = Date.parse(startedAt ?? createdAt);
  const end = Date.parse(finishedAt ?? startedAt ?? createdAt);
  return Math.round(start + fraction * (end - start));
}

/** The distribution that stands at a path in what a sweep searches; undefined where there is none, as within the options of a choice. */
export function distributionAt({ spec }: SweepView, path: string): Record<string, unknown> | undefined {
  const searched: unknown = spec.parameters ?? spec;
  const found = path
    .split('.')
    .reduce<unknown>((node, key) => (Object(node) as Record<string, unknown>)[key], searched);
  return isDistribution(found) ? { ...found } : undefined;
}

/** A path that is neither there nor written over. @throws CommandFailed */
export function requireNew(path: string, isThere: boolean): void {
  if (isThere) throw new CommandFailed(`${path}: is there already; choose another with -o`, 2);
}
