import type { FieldError } from './validation';
import type { TrialSpec } from './trial-spec';

/** Keys of a model that decide which weights it has. */
const shaping = [
  ...['cell', 'nonlinearity', 'hiddenSize', 'layers', 'bidirectional', 'embeddingSize', 'residual'],
  ...['learnedInitialState', 'heads', 'batchNorm'],
] as const;

/** What of a task decides how the input is read, by its key. */
const readingKeys = ['tokens', 'target', 'lookback', 'normalise'];

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/**
 * Why a trial cannot begin with another's weights: the first key in which they do not fit. Undefined where they do. A new head may
 * be that of another task.
 */
export function initFromProblem({ task, model, training }: TrialSpec, begun: TrialSpec): FieldError | undefined {
  const differing = (path: string, own: unknown, other: unknown): FieldError | undefined =>
    shown(own) === shown(other)
      ? undefined
      : { path, message: `is ${shown(own)}, but the model that training.initFrom names has ${shown(other)}` };
  const isNew = training.initFrom?.replaceHead === true;
  const of = (spec: object, key: string): unknown => (spec as Record<string, unknown>)[key];
  const others = begun.task;
  return [
    ...(isNew ? [] : [differing('task.kind', task.kind, others.kind)]),
    ...shaping.map((key) => differing(`model.${key}`, of(model, key), of(begun.model, key))),
    ...readingKeys.flatMap((key) =>
      key in task && key in others ? [differing(`task.${key}`, of(task, key), of(others, key))] : [],
    ),
    ...(isNew ? [] : [differing('task.horizon', of(task, 'horizon'), of(others, 'horizon'))]),
    ...(isNew ? [] : [differing('task.pooling', of(task, 'pooling'), of(others, 'pooling'))]),
  ].find((problem) => problem !== undefined);
}
