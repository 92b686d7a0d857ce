import { shapingOptions } from './lanes';
import { tasks } from './tasks';
import type { FieldError } from './validation';
import type { TrialSpec } from './trial-spec';

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/**
 * Why a trial cannot start from another's weights: the first key that does not match. Undefined if all match. A new head may be for
 * another task.
 */
export function initFromProblem({ task, model, training }: TrialSpec, initial: TrialSpec): FieldError | undefined {
  const differing = (path: string, own: unknown, other: unknown): FieldError | undefined =>
    shown(own) === shown(other)
      ? undefined
      : { path, message: `is ${shown(own)}, but the model that training.initFrom names has ${shown(other)}` };
  const isNew = training.initFrom?.replaceHead === true;
  const of = (spec: object, key: string): unknown => (spec as Record<string, unknown>)[key];
  const others = initial.task;
  return [
    ...(isNew ? [] : [differing('task.kind', task.kind, others.kind)]),
    ...shapingOptions({ head: !isNew }).map((key) => differing(`model.${key}`, of(model, key), of(initial.model, key))),
    ...tasks[task.kind].inputOptions.flatMap((key) =>
      key in task && key in others ? [differing(`task.${key}`, of(task, key), of(others, key))] : [],
    ),
    ...(isNew
      ? []
      : tasks[task.kind].headOptions.map((key) => differing(`task.${key}`, of(task, key), of(others, key)))),
  ].find((problem) => problem !== undefined);
}
