import { initFromProblem, ValidationError, type TrialSpec } from '@unroll/contracts';
import { readingForNewHead, readingForTraining, type PreparedData } from '@unroll/datasets';
import { isOfHead } from '../nn/freezing';
import { logicalShape, type Weights } from '../nn/parameter';
import { taskParameters } from '../tasks/tasks';
import type { Model } from './model-file';

const refusal = (message: string): ValidationError => new ValidationError([{ path: 'training.initFrom', message }]);

/** How the data of a trial that starts from a model is read: as the model reads it, but for answers of a new head and names of columns. */
export const inheritedReading = ({ training, task }: TrialSpec, { header: { reading } }: Model) =>
  training.initFrom?.replaceHead ? readingForNewHead(reading, task.kind) : readingForTraining(reading);

/**
 * The first weights of a trial that starts from a model: the model's, without its head where that is replaced. `data`: read
 * with `inheritedReading`. Throws ValidationError, naming the key or the weights, for a model that does not fit the trial.
 */
export function initialWeights(spec: TrialSpec, model: Model, data: PreparedData): Weights {
  const problem = initFromProblem(spec, model.header.spec);
  if (problem) throw new ValidationError([problem]);
  const isNew = spec.training.initFrom?.replaceHead === true;
  const kept = taskParameters(spec, data).filter(({ name }) => !(isNew && isOfHead(name)));
  return Object.fromEntries(
    kept.map((parameter) => {
      const found = model.weights[parameter.name];
      if (!found) throw refusal(`the model has no weights ${parameter.name}`);
      const [own, other] = [logicalShape(parameter).join(' × '), found.shape.join(' × ')];
      if (own !== other)
        throw refusal(
          `${parameter.name} is ${own} here, but ${other} in the model; give replaceHead: true to train another head`,
        );
      return [parameter.name, found];
    }),
  );
}
