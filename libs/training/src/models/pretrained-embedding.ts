import { ValidationError, type TrialSpec } from '@unroll/contracts';
import type { PreparedData, WordVectors } from '@unroll/datasets';
import { initialValues, logicalShape, type Weights } from '../nn/parameter';
import { taskParameters } from '../tasks/tasks';

const name = 'embedding.weight';

const refusal = (message: string): ValidationError =>
  new ValidationError([{ path: 'training.initFrom.embedding', message }]);

/** The symbols that a network embeds, by ID. Throws ValidationError for one that reads numbers. */
export function embeddedSymbols(data: PreparedData): readonly string[] {
  const symbols = data.kind === 'tokens' ? data.vocabulary : data.inputVocabulary;
  if (!symbols) throw refusal('the data are numbers, which are not embedded; leave it out');
  return symbols;
}

/**
 * The first embedding of a trial: the vectors that were found for its symbols. Others are drawn from the seed, as all are without vectors.
 * Throws ValidationError for vectors of none of them.
 */
export function embeddingWeights(spec: TrialSpec, { vectors }: WordVectors, data: PreparedData, seed: number): Weights {
  const parameter = taskParameters(spec, data).find((each) => each.name === name);
  if (!parameter) throw refusal(`${spec.task.kind} has no embedding; leave it out`);
  if (vectors.size === 0)
    throw refusal(`has none of the ${embeddedSymbols(data).length} symbols of the vocabulary; give task.tokens: word`);
  const values = initialValues(parameter, seed);
  for (const [row, vector] of vectors) values.set(vector, row * vector.length);
  return { [name]: { shape: logicalShape(parameter), values } };
}
