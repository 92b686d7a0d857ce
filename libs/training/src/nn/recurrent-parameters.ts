import { cells, layerUnits, type ModelSpec } from '@unroll/contracts';
import type { Cell, OwnParameter } from './cells/cell';
import { getCell } from './cells/cells';
import type { Start } from './init/start';
import { plainAxis, type Axis, type Parameter } from './parameter';
import { batchNormParameters } from './batch-norm';

/** The suffixes of the names of a direction's parameters, as in PyTorch. */
export const directionSuffixes = ({ bidirectional }: Pick<ModelSpec, 'bidirectional'>): readonly string[] =>
  bidirectional ? ['', '_reverse'] : [''];

/** The names of a model's states. */
export const stateNames = ({ cell }: Pick<ModelSpec, 'cell'>): readonly string[] => cells[cell].states;

/** The axis of each state of a layer of these units. */
export function stateAxes(model: ModelSpec, units: Omit<Axis, 'blocks'>): Axis[] {
  const { stateWidths, stateBlocks: blocks = 1 } = getCell(model);
  const widths = stateWidths?.(units.size, model.heads);
  return stateNames(model).map((_, state) => (widths ? plainAxis(widths[state]!) : { blocks, ...units }));
}

/**
 * The parameters of stacked recurrent layers over `inputs` numbers a step. Those of rnn, lstm and gru are PyTorch's, in its
 * order and under its names; a cell's own, the learned initial states and those of batch normalisation follow them.
 */
export function recurrentParameters(model: ModelSpec, inputs: number, prefix = ''): Parameter[] {
  const cell = getCell(model);
  const directions = directionSuffixes(model);
  const sizes = layerUnits(model);
  return sizes.flatMap((units, layer) =>
    directions.flatMap((direction) => {
      const below: Axis = layer === 0 ? plainAxis(inputs) : { blocks: directions.length, ...sizes[layer - 1]! };
      const suffix = `_l${layer}${direction}`;
      const norm = `${prefix}norm_ih${suffix}`;
      return [
        ...ofDirection(model, cell, { units, below }).map((each) => ({
          ...each,
          name: `${prefix}${each.name}${suffix}`,
        })),
        ...(model.batchNorm ? batchNormParameters(norm, { blocks: cell.gates, ...units }) : []),
      ];
    }),
  );
}

/** `units`: of the layer; `below`: what it reads. */
function ofDirection(
  model: ModelSpec,
  cell: Cell,
  { units, below }: { units: Omit<Axis, 'blocks'>; below: Axis },
): Parameter[] {
  const { input, recurrent } = model.initialisation;
  const gates: Axis = { blocks: cell.gates, ...units };
  const start: Start = { bound: 1 / Math.sqrt(units.size) };
  const vector = (name: string, blocks: number, from: Start): Parameter => ({
    name,
    axes: [{ blocks, ...units }],
    transposed: false,
    start: from,
  });
  const matrix = (name: string, columns: Axis, from: typeof input): Parameter => ({
    name,
    axes: [gates, columns],
    transposed: true,
    start: from === 'default' ? start : { matrix: from },
  });
  const own = ({ name, blocks, columns, rows, isForgetBias, start: from }: OwnParameter): Parameter => {
    if (columns !== undefined)
      return {
        ...vector(name, blocks, from === 'default' ? start : from),
        axes: [
          { blocks, ...units },
          { blocks: columns, ...units },
        ],
        transposed: true,
      };
    const standard = from === 'default' ? start : from;
    if (rows) {
      const [count, forgetBias] = [rows(model.heads), model.initialisation.forgetBias];
      const axis: Axis = { blocks: count, size: 1, width: 1 };
      if (blocks > 0)
        return { ...vector(name, blocks, standard), axes: [axis, { blocks, ...units }], transposed: true };
      return {
        ...vector(name, 1, isForgetBias && forgetBias !== undefined ? { value: forgetBias } : standard),
        axes: [axis],
      };
    }
    if (name === 'bias_ih') return vector(name, blocks, withForgetBias(model, cell, 'bias_ih', { bound: 0 }));
    // A recurrent weight for each unit is the diagonal of a kernel: so the only matrix initialiser that applies to it is
    // the identity.
    if (name === 'weight_hh' && recurrent === 'identity') return vector(name, blocks, { value: 1 });
    return vector(name, blocks, from === 'default' ? start : from);
  };
  const biases = (['bias_ih', 'bias_hh'] as const).slice(0, cell.biases);
  const initial = model.learnedInitialState ? stateNames(model) : [];
  return [
    matrix('weight_ih', below, input),
    ...(cell.recurrence === 'kernel' ? [matrix('weight_hh', { blocks: 1, ...units }, recurrent)] : []),
    ...biases.map((name) => vector(name, cell.gates, withForgetBias(model, cell, name, start))),
    ...(cell.own ?? []).map(own),
    ...initial.map((name, state) => ({
      ...vector(`initial_${name}`, 1, { value: 0 }),
      axes: [stateAxes(model, units)[state]!] as const,
    })),
  ];
}

/** The bias of a forget gate at the model's value, in b_ih alone (Jozefowicz et al. 2015). */
function withForgetBias(
  { initialisation: { forgetBias } }: ModelSpec,
  { forgetBlock }: Cell,
  name: 'bias_ih' | 'bias_hh',
  start: { bound: number },
): Start {
  if (forgetBias === undefined || forgetBlock === undefined) return start;
  return { ...start, block: { index: forgetBlock, value: name === 'bias_ih' ? forgetBias : 0 } };
}
