import { distributions, type Distribution, type MetricSeries, type SweepView, type TrialView } from '@unroll/contracts';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** A sweep or study whose trials are written for another tool. */
export interface ExportedSweep {
  sweep: SweepView;
  /** Those that have ended and have a value, in the order of their proposal. */
  trials: TrialView[];
  /** Every point of the curves of the sweep's own metric, by trial; where a format has them. */
  curves?: ReadonlyMap<string, MetricSeries>;
}

/** The learning curves of a trial, every point. */
export async function curvesOf({ id }: TrialView): Promise<MetricSeries[]> {
  const query = { maxPoints: 100_000 };
  const { series } = await call<{ series: MetricSeries[] }>(`/v1/trials/${id}/metrics`, { query });
  return series;
}

/** Every point of the curves of the sweep's own metric, by trial. */
export async function ownCurves(
  { sweep, trials }: ExportedSweep,
  onDone: (done: number) => void,
): Promise<Map<string, MetricSeries>> {
  const curves = new Map<string, MetricSeries>();
  for (const [index, trial] of trials.entries()) {
    const own = (await curvesOf(trial)).find(({ name }) => name === sweep.objective.metric);
    if (own) curves.set(trial.id, own);
    onDone(index + 1);
  }
  return curves;
}

/** Milliseconds since 1970 when a trial was a fraction of its way from its start to its end. */
export function timeWithin({ createdAt, startedAt, finishedAt }: TrialView, fraction: number): number {
  const start = Date.parse(startedAt ?? createdAt);
  const end = Date.parse(finishedAt ?? startedAt ?? createdAt);
  return Math.round(start + fraction * (end - start));
}

/** The distributions that a parameter of a sweep is drawn from: of several options, each may have its own. */
export const distributionsAt = ({ spec }: SweepView, path: string): Distribution[] =>
  distributions(spec.parameters ?? spec, '').flatMap(([own, each]) => (own === path ? [each] : []));

/** A path that is neither there nor written over. @throws CommandFailed */
export function requireNew(path: string, isThere: boolean): void {
  if (isThere) throw new CommandFailed(`${path}: is there already; choose another with -o`, 2);
}
