import { initFromProblem, ValidationError, type TrialSpec } from '@unroll/contracts';
import { readingForNewHead, type PreparedData } from '@unroll/datasets';
import { isOfHead } from '../nn/freezing';
import { logicalShape, type Weights } from '../nn/parameter';
import { taskOf } from '../tasks/tasks';
import type { Model } from './model-file';

const refusal = (message: string): ValidationError => new ValidationError([{ path: 'training.initFrom', message }]);

/** How the data of a trial is read that begins with a model: as the model reads it, but for the answers of a new head. */
export const startReading = ({ training, task }: TrialSpec, { header: { reading } }: Model) =>
  training.initFrom?.replaceHead ? readingForNewHead(reading, task.kind) : reading;

/**
 * The weights that a trial begins with: the model's, without those of its head where that is replaced. `data` was read with `startReading`.
 * Throws ValidationError, naming the key or the weights, where the model does not fit the trial.
 */
export function startWeights(spec: TrialSpec, model: Model, data: PreparedData): Weights {
  const problem = initFromProblem(spec, model.header.spec);
  if (problem) throw new ValidationError([problem]);
  const isNew = spec.training.initFrom?.replaceHead === true;
  const kept = taskOf(spec.task.kind)
    .parameters(spec, data)
    .filter(({ name }) => !(isNew && isOfHead(name)));
  return Object.fromEntries(
    kept.map((parameter) => {
      const found = model.weights[parameter.name];
      if (!found) throw refusal(`the model has no weights ${parameter.name}`);
      const [own, other] = [logicalShape(parameter).join(' × '), found.shape.join(' × ')];
      if (own !== other)
        throw refusal(
          `${parameter.name} is ${own} here, but ${other} in the model; give replaceHead: true for other answers`,
        );
      return [parameter.name, found];
    }),
  );
}
