import { layerUnits, type ModelSpec } from '@unroll/contracts';
import { directionSuffixes } from '../../nn/recurrent-parameters';
import type { Weights } from '../../nn/parameter';
import type { Model } from '../model-file';
import { toSafetensors } from '../safetensors';

/** A model as weights for PyTorch, and the module that takes them. */
export interface TorchExport {
  /** safetensors */
  file: Uint8Array;
  /** Python: a class `Network` whose `load_state_dict` takes the file's tensors. */
  module: string;
}

const modules: Readonly<Partial<Record<ModelSpec['cell'], string>>> = { rnn: 'RNN', lstm: 'LSTM', gru: 'GRU' };
const isTaken = (name: string): boolean =>
  /^(embedding\.weight|output\.(weight|bias)|recurrent\.(weight|bias)_[ih]h_l\d+(_reverse)?)$/.test(name);

/** The arguments of the recurrent module that differ from its defaults. */
function recurrentModule(model: ModelSpec, inputs: number): string {
  const { cell, layers, bidirectional, nonlinearity, hiddenSize } = model;
  const given = [
    ...[inputs, hiddenSize],
    ...(layers > 1 ? [`num_layers=${layers}`] : []),
    ...(cell === 'rnn' && nonlinearity === 'relu' ? ['nonlinearity="relu"'] : []),
    ...(bidirectional ? ['bidirectional=True'] : []),
    'batch_first=True',
  ];
  return `nn.${modules[cell]}(${given.join(', ')})`;
}

/** How numbers were scaled in training, which a module does not know: constants before it. */
function scalings({ inputScaling, targetScaling }: Model['header']['reading']): string[] {
  const constants = (
    name: string,
    { shift, scale }: { shift: readonly number[]; scale: readonly number[] },
  ): string[] => [`${name}_shift = ${JSON.stringify(shift)}`, `${name}_scale = ${JSON.stringify(scale)}`];
  return [
    ...(inputScaling
      ? ['# What it reads is scaled: (x - input_shift) / input_scale.', ...constants('input', inputScaling)]
      : []),
    ...(targetScaling
      ? ['# What it answers is scaled: y * target_scale + target_shift.', ...constants('target', targetScaling)]
      : []),
  ];
}

/**
 * A model whose layers PyTorch has too (rnn, lstm, gru), as a state_dict of plain modules. Values, gate orders and both biases
 * are as in the model's own file, which has PyTorch's layout already; a tied output layer gets its matrix. Throws Error with
 * one line for a model with parts that those modules lack.
 */
export function exportTorch({ header: { spec, reading }, weights: own }: Model): TorchExport {
  const { model } = spec;
  if (!modules[model.cell])
    throw new Error(`PyTorch has no module for the cell ${model.cell}; it has rnn, lstm and gru`);
  const sizes = new Set(layerUnits(model).map(({ size }) => size));
  if (sizes.size > 1) throw new Error('the layers have different sizes, which no nn.LSTM, nn.GRU or nn.RNN has');
  if (model.residual) throw new Error('model.residual adds outputs of layers, which no nn.LSTM, nn.GRU or nn.RNN does');
  if (model.zoneout > 0)
    throw new Error('model.zoneout takes means of states after training, which no nn.LSTM, nn.GRU or nn.RNN does');
  const other = Object.keys(own).find((name) => !isTaken(name));
  if (other !== undefined)
    throw new Error(`the model has weights ${other}, for which these modules of PyTorch have no place`);
  const table = own['embedding.weight'];
  const weights: Weights = model.tieWeights && table ? { ...own, 'output.weight': table } : own;
  const [answers, read] = weights['output.weight']!.shape;
  const inputs = weights['recurrent.weight_ih_l0']!.shape[1]!;
  if (read !== model.hiddenSize * directionSuffixes(model).length)
    throw new Error('the output layer reads more than the outputs of the recurrent layers');
  const module = [
    'from torch import nn',
    '',
    ...scalings(reading),
    '',
    'class Network(nn.Module):',
    '    def __init__(self):',
    '        super().__init__()',
    ...(table ? [`        self.embedding = nn.Embedding(${table.shape.join(', ')})`] : []),
    `        self.recurrent = ${recurrentModule(model, inputs)}`,
    `        self.output = nn.Linear(${read}, ${answers})`,
  ];
  return { file: toSafetensors(weights, { format: 'pt' }), module: `${module.join('\n')}\n` };
}
