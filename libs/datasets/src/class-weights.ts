import { suggestion } from '@unroll/contracts';
import { DatasetError } from './prepared/data';

/** Classes that a message lists. */
const mostListed = 6;

/**
 * The weight of each of `classes`, in their order: those that are given by name, and 1 for the others.
 * @throws DatasetError for a name that is none of them, or if none is above 0
 */
export function namedClassWeights(given: Readonly<Record<string, number>>, classes: readonly string[]): Float32Array {
  const option = 'training.classWeights';
  for (const name of Object.keys(given))
    if (!classes.includes(name)) {
      const listed = classes.slice(0, mostListed).join(', ') + (classes.length > mostListed ? ', ...' : '');
      const hint = suggestion(name, classes) || `; there are ${listed}`;
      throw new DatasetError(`${option}: the data have no class ${JSON.stringify(name)}${hint}`, option);
    }
  const weights = Float32Array.from(classes, (name) => (Object.hasOwn(given, name) ? given[name]! : 1));
  if (!weights.some((weight) => weight > 0))
    throw new DatasetError(`${option}: every class has the weight 0: nothing would be learned`, option);
  return weights;
}
