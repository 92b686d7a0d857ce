import { layerUnits, type ModelSpec, type TrialSpec } from '@unroll/contracts';
import { rolesOf } from '@unroll/datasets';
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

type Reading = Model['header']['reading'];
type Forecasting = Extract<TrialSpec['task'], { kind: 'forecasting' }>;

const tensor = (values: readonly number[]): string => `torch.tensor(${JSON.stringify(values)})`;

/** How the numbers that a network reads were scaled in training, which a module does not know: constants before it. */
function inputLines({ task }: TrialSpec, { inputScaling, columns = [], transform }: Reading): string[] {
  if (!inputScaling) return [];
  const { shift, scale } = inputScaling;
  const isForecast = task.kind === 'forecasting';
  // As in JSON, since a name may have the end of a line in it.
  const named = (places: readonly number[]): string => places.map((place) => JSON.stringify(columns[place])).join(', ');
  const targets = isForecast ? named(rolesOf(columns, task).targets) : '';
  const isLog = isForecast && (transform ?? task.transform) === 'log';
  const beside = isForecast
    ? (['lags', 'known', 'calendar', 'categories'] as const).filter((key) => task[key].length > 0)
    : [];
  return [
    '# What it reads is scaled: (x - input_shift) / input_scale.',
    ...(isForecast ? [`# Columns: ${named([...columns.keys()])}.`] : []),
    ...(isLog ? [`# Of ${targets} it reads the logarithms.`] : []),
    ...(isForecast && task.normalise === 'window'
      ? [`# But ${targets} by the mean and deviation of the rows that are read, as below.`]
      : []),
    ...(beside.length > 0
      ? [`# Numbers of task.${beside.join(', task.')} follow, for which nothing is given here.`]
      : []),
    ...[`input_shift = ${tensor(shift)}`, `input_scale = ${tensor(scale)}`],
  ];
}

/** How a forecast follows from what the network answers: the rows ahead of each target in turn, and so for each quantile. */
function forecastLines(task: Forecasting, { targetScaling, reference, transform }: Reading): string[] {
  const { loss, horizon, normalise } = task;
  if (typeof loss === 'object' && 'distribution' in loss)
    return [`# It answers numbers of a ${loss.distribution} distribution, from which this module makes no forecast.`];
  const levels = typeof loss === 'object' && 'quantiles' in loss ? loss.quantiles : [];
  const { shift, scale } = targetScaling!;
  const constant = (name: string, values: readonly number[]): string =>
    `${name} = ${tensor(values)}.repeat_interleave(${horizon})${levels.length > 0 ? `.repeat(${levels.length})` : ''}`;
  const from = reference ?? task.reference;
  const isWindow = normalise === 'window';
  const isLog = (transform ?? task.transform) === 'log';
  const added = from === 'last' ? 'last' : from === 'season' ? 'before' : isWindow ? 'mean' : 'target_shift';
  const sum = `y * ${isWindow ? 'deviation' : 'target_scale'} + ${added}`;
  const of = isLog ? 'its logarithms' : 'its values';
  return [
    `# A forecast is ${isLog ? `exp(${sum})` : sum}, for the ${horizon} rows ahead of each target in turn.`,
    ...(levels.length > 0 ? [`# So for each quantile: ${levels.join(', ')}.`] : []),
    ...(isWindow
      ? [
          `# mean, deviation: of the target, over ${of} in the rows that are read; of a constant one the deviation of its series.`,
        ]
      : []),
    ...(added === 'last' ? [`# last: the last of ${of}.`] : []),
    ...(added === 'before'
      ? [`# before: of ${of}, that of the same place in the last season, of ${task.season} rows.`]
      : []),
    ...(isWindow ? [] : [constant('target_scale', scale)]),
    ...(added === 'target_shift' ? [constant('target_shift', shift)] : []),
  ];
}

/** How the numbers that a network answers were scaled in training. */
function answerLines({ task }: TrialSpec, reading: Reading): string[] {
  const { targetScaling } = reading;
  if (!targetScaling) return [];
  if (task.kind === 'forecasting') return forecastLines(task, reading);
  return [
    '# What it answers is scaled: y * target_scale + target_shift.',
    ...[`target_shift = ${tensor(targetScaling.shift)}`, `target_scale = ${tensor(targetScaling.scale)}`],
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
  const constants = [...inputLines(spec, reading), ...answerLines(spec, reading)];
  const module = [
    ...(constants.some((line) => line.includes('torch.tensor')) ? ['import torch'] : []),
    'from torch import nn',
    '',
    ...constants,
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
