import type { Architecture } from './architecture';
import { runMasks } from './masks';
import { directionSuffixes } from './recurrent-parameters';
import { transformer, transformerParameters } from './transformer';

/** The blocks of a causal transformer. */
export const transformerBody: Architecture = {
  attendsToSteps: true,
  observable: false,
  // Queries, keys, values, the product and a perceptron four layers wide, with their intermediate results.
  gates: () => 12,
  requireSupported({ bidirectional, heads, hiddenSize, recurrentDropout, weightDrop, zoneout, cell }) {
    if (bidirectional) throw new Error('a transformer sees the steps before it alone');
    if (hiddenSize % heads !== 0) throw new Error(`hiddenSize ${hiddenSize} is not a multiple of heads ${heads}`);
    if (zoneout > 0) throw new Error(`zoneout has no effect on ${cell}, whose output is not a state`);
    if (weightDrop > 0) throw new Error(`weightDrop has no effect on ${cell}, which has no recurrent matrix`);
    if (recurrentDropout > 0) throw new Error(`recurrentDropout has no effect on ${cell}, whose gates see no state`);
  },
  parameters: transformerParameters,
  zeroStates: () => [],
  run(model, parameters, input, options) {
    const { dropped } = runMasks(options, directionSuffixes(model).length) ?? {};
    const outputs = transformer(model, parameters, input, { valid: options.valid, dropped });
    return { outputs, states: [], buffers: {} };
  },
};
