import { parseDocument, renameKeys, sweepSpec, validate } from '@unroll/contracts';
import { builtIns } from '@unroll/datasets';
import { datasetNames, parameterAxes } from '@unroll/search';

/** A sweep with the kinds of values that most have, and a constraint, whose parser takes longest to load. */
const sweep = `
dataset: parity
task: classification
model: {cell: {choice: [gru, lstm]}, hiddenSize: {int: [8, 64]}}
training: {learningRate: {logUniform: [1e-4, 1e-2]}, optimizer: adam}
search: {algorithm: tpe, trials: 4, constraints: [hiddenSize > 4]}
`;

/**
 * Loads and compiles what the first submission needs: libraries are loaded where they are used, and zod compiles a schema when that first
 * parses. With the first request, it would hold up all others.
 */
export function warmUp(): void {
  const spec = validate(sweepSpec, renameKeys(parseDocument(sweep)).document);
  const names = datasetNames(spec);
  if (!builtIns.some(({ name }) => names.includes(name)) || parameterAxes(spec).length === 0)
    throw new Error('the sweep of the warm-up is none');
}
