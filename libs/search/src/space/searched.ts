import type { SweepSpec } from '@unroll/contracts';

const known = new WeakMap<SweepSpec, Record<string, unknown>>();

/** The searchable part of a sweep, in its order; the same object for the same sweep. */
export function searched(spec: SweepSpec): Record<string, unknown> {
  const { dataset, task, model, training, parameters } = spec;
  if (parameters) return parameters;
  const tree = known.get(spec) ?? {
    dataset,
    task,
    ...(model === undefined ? {} : { model }),
    ...(training === undefined ? {} : { training }),
  };
  known.set(spec, tree);
  return tree;
}
