import { suggestion } from '@unroll/contracts';
import { classNumberer } from './labelled/classes';
import { DatasetError } from './prepared/data';

/** Classes that a message lists. */
const mostListed = 6;

/**
 * The weight of each of `classes`, in their order: those that are given by name, as labels are (1.0 is 1), and 1 for the others.
 * @throws DatasetError for a name that is none of them, for two names of one, or if none is above 0
 */
export function namedClassWeights(given: Readonly<Record<string, number>>, classes: readonly string[]): Float32Array {
  const option = 'training.classWeights';
  const refuse = (why: string): DatasetError => new DatasetError(`${option}: ${why}`, option);
  const number = classNumberer(classes);
  const names = new Map<number, string>();
  const weights = new Float32Array(classes.length).fill(1);
  for (const [name, weight] of Object.entries(given)) {
    const at = number(name);
    if (at < 0) {
      const listed = classes.slice(0, mostListed).join(', ') + (classes.length > mostListed ? ', ...' : '');
      throw refuse(
        `the data have no class ${JSON.stringify(name)}${suggestion(name, classes) || `; there are ${listed}`}`,
      );
    }
    const other = names.get(at);
    if (other !== undefined)
      throw refuse(`${JSON.stringify(other)} and ${JSON.stringify(name)} are the same class: leave one out`);
    names.set(at, name);
    weights[at] = weight;
  }
  if (!weights.some((weight) => weight > 0)) throw refuse('every class has the weight 0: nothing would be learned');
  return weights;
}
