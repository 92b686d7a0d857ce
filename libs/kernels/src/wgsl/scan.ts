import { scanBlocks, type ScanCell } from '../scan-cells';
import { activations } from './activations';
import { scanCode, scanFunctions } from './scan-cells';
import { entryPoint, each, type Shader } from './shader';

/** A layer whose units do not see one another, as a shader is written for it. */
export interface ScanLayer {
  cell: ScanCell;
  reverse: boolean;
  /** Whether there is a mask; and whether each row of the batch has weights of its own. */
  masked: boolean;
  ownWeights: boolean;
}

/** Threads of a workgroup; the workgroups of a lane are counted by the caller, who says in `stride` how many threads they have. */
export const scanThreads = 64;

/**
 * A whole sequence in one dispatch: a thread goes through all steps of one unit and row, with the states in registers. A batch has
 * thousands of units and rows, which keep a device busy; a parallel scan over time would read and write each state once a level.
 * Workgroups: (any number of `scanThreads` threads each, lanes).
 *
 * Outputs: outputs [lane, time, batch, states·hidden], last [lane, batch, states·hidden], and with `keeps` states, those after each
 * step, masked ones included. Numbers: steps, batch, hidden, stride.
 */
export const scanShader = (layer: ScanLayer & { keeps: boolean }): Shader => {
  const { cell, masked, keeps } = layer;
  const { states } = scanBlocks[cell];
  return {
    key: `scan ${JSON.stringify(layer)}`,
    outputs: ['outputs', 'last', ...(keeps ? ['states'] : [])],
    inputs: [...inputsOf(layer), ['start', 'f32']],
    numbers: ['steps', 'batch', 'hidden', 'stride'],
    code: inThreads(`${readWeights(layer)}
    ${scanCode[cell].derive ?? ''}
${each(states, (block) => `    var h${block} = start[${stateAt(cell, block)}];`)}
    for (var s = 0u; s < size.steps; s++) {
${readStep(layer, layer.reverse ? 'size.steps - 1u - s' : 's')}
${each(states, (block) => `      var n${block} = 0.0;`)}
      ${scanCode[cell].step}
      ${masked ? 'let isValid = valid[step] != 0;' : ''}
${each(states, (block) => {
  const at = `(step * ${states}u + ${block}u) * hidden + unit`;
  return `      h${block} = ${masked ? `select(h${block}, n${block}, isValid)` : `n${block}`};
      outputs[${at}] = ${masked ? `select(0.0, n${block}, isValid)` : `n${block}`};
      ${keeps ? `states[${at}] = h${block};` : ''}`;
})}
    }
${each(states, (block) => `    last[${stateAt(cell, block)}] = h${block};`)}`),
  };
};

/**
 * Its gradient, in one dispatch too. Inputs beside those of the forward shader: states, gradOutputs, gradLast. Outputs: gradInputs
 * [lane, time, batch, inputs·hidden], gradWeights [lane, batch, weights·hidden] where there are weights, of each row of the batch, and
 * gradStart. Numbers: those of the forward shader.
 */
export const scanGradientShader = (layer: ScanLayer): Shader => {
  const { cell, masked, reverse } = layer;
  const { inputs, weights, states } = scanBlocks[cell];
  const { derived = 0, derive = '', backDerived = '' } = scanCode[cell];
  const before = reverse ? 'step + size.batch' : 'step - size.batch';
  return {
    key: `scan gradient ${JSON.stringify(layer)}`,
    outputs: ['gradInputs', ...(weights > 0 ? ['gradWeights'] : []), 'gradStart'],
    inputs: [...inputsOf(layer), ['start', 'f32'], ['states', 'f32'], ['gradOutputs', 'f32'], ['gradLast', 'f32']],
    numbers: ['steps', 'batch', 'hidden', 'stride'],
    code: inThreads(`${readWeights(layer)}
    ${derive}
${each(weights, (block) => `    var dw${block} = 0.0;`)}
${each(derived, (block) => `    var dd${block} = 0.0;`)}
${each(states, (block) => `    var dh${block} = gradLast[${stateAt(cell, block)}];`)}
    for (var s = 0u; s < size.steps; s++) {
${readStep(layer, reverse ? 's' : 'size.steps - 1u - s')}
${each(inputs, (block) => `      var dx${block} = 0.0;`)}
      ${masked ? 'if (valid[step] != 0) {' : '{'}
${each(
  states,
  (block) => `      var h${block} = 0.0;
      if (s + 1u == size.steps) { h${block} = start[${stateAt(cell, block)}]; }
      else { h${block} = states[((${before}) * ${states}u + ${block}u) * hidden + unit]; }
      let n${block} = states[(step * ${states}u + ${block}u) * hidden + unit];
      dh${block} += gradOutputs[(step * ${states}u + ${block}u) * hidden + unit];`,
)}
      ${scanCode[cell].back}
      }
${each(inputs, (block) => `      gradInputs[(step * ${inputs}u + ${block}u) * hidden + unit] = dx${block};`)}
    }
    ${backDerived}
${each(weights, (block) => `    gradWeights[(place * ${weights}u + ${block}u) * hidden + unit] = dw${block};`)}
${each(states, (block) => `    gradStart[${stateAt(cell, block)}] = dh${block};`)}`),
  };
};

const inputsOf = ({ cell, masked }: ScanLayer): (readonly [string, 'f32' | 'i32'])[] => [
  ['inputs', 'f32'],
  ...(scanBlocks[cell].weights > 0 ? [['weights', 'f32'] as const] : []),
  ...(masked ? [['valid', 'i32'] as const] : []),
];

/** `body` for each unit and row of a lane: `place` is the row among [lane, batch]. */
const inThreads = (body: string): string => `
${activations}
${scanFunctions}
${entryPoint(scanThreads)}
  let lane = group.y;
  let hidden = size.hidden;
  for (var own = group.x * ${scanThreads}u + thread; own < size.batch * hidden; own += size.stride) {
    let row = own / hidden;
    let unit = own % hidden;
    let place = lane * size.batch + row;
${body}
  }
}`;

const stateAt = (cell: ScanCell, block: number): string =>
  `(place * ${scanBlocks[cell].states}u + ${block}u) * hidden + unit`;

const readWeights = ({ cell, ownWeights }: ScanLayer): string => {
  const { weights } = scanBlocks[cell];
  return each(
    weights,
    (block) =>
      `    let w${block} = weights[(${ownWeights ? 'place' : 'lane'} * ${weights}u + ${block}u) * hidden + unit];`,
  );
};

/** The step at time `t` among [lane, time, batch], and its inputs. */
const readStep = ({ cell }: ScanLayer, t: string): string => {
  const { inputs } = scanBlocks[cell];
  return `      let step = (lane * size.steps + ${t}) * size.batch + row;
${each(inputs, (block) => `      let x${block} = inputs[(step * ${inputs}u + ${block}u) * hidden + unit];`)}`;
};
