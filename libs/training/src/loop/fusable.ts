import { isForced, layerWidth, type TrialSpec } from '@unroll/contracts';

/** What the lanes of one array must share, by the path that a message names. */
function common({ dataset, task, model, training }: TrialSpec): Record<string, unknown> {
  return {
    dataset,
    task,
    ...Object.fromEntries(Object.entries(model).map(([key, value]) => [`model.${key}`, value])),
    'model.hiddenSize': layerWidth(model),
    // Which kernels run depends on whether anything is dropped, not on how much.
    'model.dropout': model.dropout > 0,
    'model.recurrentDropout': model.recurrentDropout > 0,
    'training.bptt': training.bptt,
    'training.stateful': training.stateful,
    'training.batchSize': training.batchSize,
    'training.optimizer': training.optimizer.kind,
    'training.start': training.start,
    'training.freeze': [...training.freeze].sort(),
    'training.adaptation': training.adaptation?.kind,
    'training.teacherForcing': isForced(training.teacherForcing),
  };
}

/** Throws Error, naming the first difference, for trials that cannot be trained as lanes of one array. */
export function requireFusable(specs: readonly TrialSpec[]): void {
  const [first, ...others] = specs.map(common);
  for (const other of others)
    for (const [path, value] of Object.entries(first!))
      if (JSON.stringify(value) !== JSON.stringify(other[path]))
        throw new Error(
          `lanes must share ${path}: ${JSON.stringify(value)} and ${JSON.stringify(other[path])} cannot be fused`,
        );
}
