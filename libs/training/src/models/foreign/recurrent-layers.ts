import type { Weights } from '../../nn/parameter';
import type { ForeignTensor, ForeignTensors } from './tensors';

/** Recurrent layers of another library, in PyTorch's form. */
export interface RecurrentLayers {
  cell: 'rnn' | 'lstm' | 'gru';
  /** Of an rnn, where the file says it. */
  nonlinearity?: 'tanh' | 'relu' | undefined;
  bidirectional: boolean;
  /** Under PyTorch's names of a stack: `weight_ih_l0`, `weight_hh_l0_reverse`, ... */
  weights: Weights;
  /** Where they come from, for a message: such as "PyTorch module encoder.lstm". */
  origin: string;
}

const cellOfGates = { 1: 'rnn', 3: 'gru', 4: 'lstm' } as const;
const parts = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'] as const;

/** The cell of a recurrent matrix of these rows and columns, by PyTorch's number of gates. */
function cellOf(name: string, [rows, columns]: readonly number[]): RecurrentLayers['cell'] {
  const gates = rows! / columns!;
  const cell = (cellOfGates as Readonly<Record<number, RecurrentLayers['cell']>>)[gates];
  if (!cell) throw new Error(`${name} is ${rows} × ${columns}: no rnn, gru or lstm has such a matrix`);
  return cell;
}

const named = /^(?:(.*)\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(\d+)(_reverse)?)?$/;

/**
 * What a weight is computed from: `parametrizations.weight_hh_l0.original0` of torch.nn.utils.parametrize, `weight_hh_l0_g` of the older
 * weight_norm, `weight_hh_l0_orig` of pruning.
 */
const computed = /^(?:(.*)\.)?((?:weight|bias)_(?:ih|hh|hr)(?:_l\d+)?(?:_reverse)?)[._].+$/;

interface Module {
  /** By what stands behind the module's name: `weight_ih_l0_reverse`; an nn.LSTMCell has one layer. */
  weights: Map<string, ForeignTensor>;
  /** A tensor that a weight is computed from; undefined where all weights are stored. */
  origin?: string;
}

function modulesOf(tensors: ForeignTensors): Map<string, Module> {
  const modules = new Map<string, Module>();
  const moduleAt = (prefix: string): Module => {
    const module = modules.get(prefix) ?? { weights: new Map<string, ForeignTensor>() };
    modules.set(prefix, module);
    return module;
  };
  for (const [name, tensor] of tensors) {
    const [, prefix = '', part, layer = '0', direction = ''] = named.exec(name) ?? [];
    if (part !== undefined) moduleAt(prefix).weights.set(`${part}_l${layer}${direction}`, tensor);
    else {
      const [, before = '', of] = computed.exec(name) ?? [];
      if (of !== undefined) moduleAt(before.replace(/(^|\.)parametrizations$/, '')).origin = name;
    }
  }
  return modules;
}

const listed = (names: Iterable<string>): string => [...names].map((name) => name || '(the root)').join(', ');

/** The modules that are taken, from the lowest layer up. */
function chosen(modules: Map<string, Module>, names: readonly string[] | undefined): [string, Module][] {
  if (modules.size === 0)
    throw new Error('has no weights of an nn.LSTM, nn.GRU or nn.RNN (weight_ih_l0, weight_hh_l0)');
  if (names)
    return names.map((name) => {
      const module = modules.get(name);
      if (!module) throw new Error(`has no recurrent module ${name}; there are ${listed(modules.keys())}`);
      return [name, module];
    });
  if (modules.size > 1)
    throw new Error(
      `has several recurrent modules: name those to take, from the lowest layer up, in training.initFrom.modules: ${listed(modules.keys())}`,
    );
  return [...modules];
}

const isNumbered = (part: string, layer: number): boolean => new RegExp(`_l${layer}(_reverse)?$`).test(part);

/** @throws Error for a module whose weights are not stored as they are used, or have no place in a stack */
function requireStored(name: string, { weights, origin }: Module): void {
  if (origin !== undefined)
    throw new Error(
      `${origin}: weights that are computed from others (weight_norm, spectral_norm, prune, parametrize) cannot be read: make them plain ` +
        'before state_dict(), by remove_parametrizations, remove_weight_norm or prune.remove',
    );
  if ([...weights.keys()].some((key) => key.startsWith('weight_hr')))
    throw new Error(`${name || 'it'} has a projection (proj_size), which the cells here do not have`);
}

/**
 * The recurrent layers among PyTorch's tensors: those of the only nn.LSTM, nn.GRU or nn.RNN (or their cells), or those of
 * `names` on top of each other. A module without biases (`bias=False`) gets zeros. Throws Error with one line.
 */
export function torchLayers(tensors: ForeignTensors, names?: readonly string[]): RecurrentLayers {
  const taken = chosen(modulesOf(tensors), names);
  const weights: Weights = {};
  const cells = new Set<RecurrentLayers['cell']>();
  const directions = new Set<boolean>();
  let layers = 0;
  for (const [name, stored] of taken) {
    requireStored(name, stored);
    const module = stored.weights;
    const left = new Set(module.keys());
    const hasBiases = [...module.keys()].some((key) => key.startsWith('bias'));
    for (let layer = 0; [...module.keys()].some((key) => isNumbered(key, layer)); layer++, layers++) {
      const isTwoWay = module.has(`weight_ih_l${layer}_reverse`);
      directions.add(isTwoWay);
      for (const direction of isTwoWay ? ['', '_reverse'] : ['']) {
        const own = `_l${layer}${direction}`;
        const matrix = module.get(`weight_hh${own}`);
        if (!matrix || !module.has(`weight_ih${own}`))
          throw new Error(`${listed([name])}: weight_ih${own} or weight_hh${own} is missing`);
        cells.add(cellOf(`weight_hh${own}`, matrix.shape));
        for (const part of parts) {
          // Some of them would be zeros that the network was not trained with: a part of the file is missing.
          if (part.startsWith('bias') && hasBiases && !module.has(part + own))
            throw new Error(`${listed([name])}: ${part}${own} is missing, though others of its biases are there`);
          left.delete(part + own);
          weights[`${part}_l${layers}${direction}`] = partOf(module.get(part + own), matrix.shape[0]!);
        }
      }
    }
    const [other] = left;
    if (other !== undefined)
      throw new Error(`${listed([name])}: ${other} has no place, as weights of its layer or of one below are missing`);
  }
  if (cells.size > 1 || directions.size > 1)
    throw new Error('has layers of several kinds or directions, which do not make one stack');
  const origin = `PyTorch's ${listed(taken.map(([name]) => name))}`;
  return { cell: [...cells][0]!, bidirectional: directions.has(true), weights, origin };
}

/** A part as it is; a bias that is missing as zeros. */
const partOf = (tensor: ForeignTensor | undefined, rows: number): Weights[string] =>
  tensor ? { shape: [...tensor.shape], values: tensor.values() } : { shape: [rows], values: new Float32Array(rows) };
