import { refusals, type Refusal, type Rule } from '../definition';
import { model as modelSchema, type ModelSpec } from '../model-spec';
import { cells, cellsWith } from '.';
import type { CellOption } from './cell';

/** What a cell without the option lacks. */
const abilities: Readonly<Record<CellOption, string>> = {
  nonlinearity: 'choice of nonlinearity',
  parallelScan: 'parallel scan',
  heads: 'heads',
};

const defaults = modelSchema.parse({});

/** A refusal of each option that is set but that the cell does not have. */
function missingOptions(model: ModelSpec): Refusal[] {
  const { cell } = model;
  return Object.entries(abilities).flatMap(([key, ability]): Refusal[] => {
    const option = key as CellOption;
    if (cells[cell].options.includes(option) || model[option] === defaults[option]) return [];
    return [[`model.${option}`, `${cell} has no ${ability}, only ${cellsWith(option)}; leave it out`]];
  });
}

/** With a list of sizes, `layers` and `hiddenSize` say nothing else: those of the list, once it is completed. */
function layerSizeRules({ cell, layerSizes, layers, hiddenSize, residual, heads }: ModelSpec): Rule[] {
  if (!layerSizes) return [];
  const [count, top] = [layerSizes.length, layerSizes.at(-1)];
  const divided = cells[cell].options.includes('heads');
  return [
    [
      divided && cells[cell].states.length === 0,
      'model.layerSizes',
      `the layers of ${cell} all have the same size; give hiddenSize and layers`,
    ],
    [
      divided && layerSizes.some((size) => size % heads !== 0),
      'model.layerSizes',
      `must be multiples of heads, ${heads}`,
    ],
    [
      layers !== defaults.layers && layers !== count,
      'model.layers',
      `is ${layers}, but layerSizes has ${count}; leave it out`,
    ],
    [
      hiddenSize !== defaults.hiddenSize && hiddenSize !== top,
      'model.hiddenSize',
      `is ${hiddenSize}, but the top layer of layerSizes has ${top}; leave it out`,
    ],
    [
      residual && !layerSizes.some((size, layer) => size === layerSizes[layer - 1]),
      'model.residual',
      'no layer of layerSizes has the size of the one below; leave it out',
    ],
  ];
}

/** Refusals of options that the cell of a model does not support. */
export function cellRefusals(model: ModelSpec): Refusal[] {
  const { cell, initialisation } = model;
  const { states, recurrence, hasForgetGate, readsBackwards, normalisesInput, options } = cells[cell];
  return [
    ...missingOptions(model),
    ...refusals([
      [model.bidirectional && !readsBackwards, 'model.bidirectional', `${cell} cannot be bidirectional; leave it out`],
      [
        model.recurrentDropout > 0 && recurrence === 'none',
        'model.recurrentDropout',
        `the gates of ${cell} do not see the state, so there is nothing to drop; leave it out`,
      ],
      [
        model.weightDrop > 0 && recurrence !== 'matrix',
        'model.weightDrop',
        `${cell} has no recurrent matrix, so there is nothing to drop; leave it out`,
      ],
      [
        model.zoneout > 0 && !states.includes('h'),
        'model.zoneout',
        `the output of ${cell} is not a state that a step could leave as it is; leave it out`,
      ],
      [model.batchNorm && normalisesInput, 'model.batchNorm', `${cell} already normalises its input; leave it out`],
      [
        model.learnedInitialState && states.length === 0,
        'model.learnedInitialState',
        `${cell} has no state; leave it out`,
      ],
      ...layerSizeRules(model),
      [
        options.includes('heads') && !model.layerSizes && model.hiddenSize % model.heads !== 0,
        'model.hiddenSize',
        `must be a multiple of heads, ${model.heads}`,
      ],
      [
        initialisation.forgetBias !== undefined && !hasForgetGate,
        'model.initialisation.forgetBias',
        `${cell} has no forget gate; leave it out`,
      ],
      [
        initialisation.recurrent !== 'default' && recurrence !== 'matrix',
        'model.initialisation.recurrent',
        `${cell} has no recurrent matrix; leave it out`,
      ],
    ]),
  ];
}
