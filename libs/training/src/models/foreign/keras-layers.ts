import type { Weights } from '../../nn/parameter';
import type { RecurrentLayers } from './recurrent-layers';

export interface KerasArray {
  shape: readonly number[];
  /** Row-major. */
  values: Float32Array;
}

/** A layer in Keras's config of a model. */
export interface KerasLayer {
  class_name: string;
  config: Readonly<Record<string, unknown>>;
}

/** The kernel, recurrent kernel and bias of a layer; of a Bidirectional one in a direction, `forward` or `backward`. */
export type KerasWeights = (layer: string, direction: string) => (KerasArray | undefined)[];

/** Our cell of a class of layers, and its gates in PyTorch's order by their place in Keras's: z, r, h there are r, z, n. */
const classes: Readonly<Record<string, { cell: RecurrentLayers['cell']; order: readonly number[] } | undefined>> = {
  LSTM: { cell: 'lstm', order: [0, 1, 2, 3] },
  GRU: { cell: 'gru', order: [1, 0, 2] },
  SimpleRNN: { cell: 'rnn', order: [0] },
};

/** Layers without weights that may stand between recurrent ones: they do nothing, or nothing after training. */
const transparent = ['Dropout', 'SpatialDropout1D', 'GaussianNoise', 'Masking', 'InputLayer', 'ActivityRegularization'];

interface Found {
  name: string;
  className: string;
  config: Readonly<Record<string, unknown>>;
  isTwoWay: boolean;
}

const nameOf = ({ config }: KerasLayer): string => String(config.name);

/** The recurrent layer that a layer is or wraps; undefined for another one. */
function recurrent(layer: KerasLayer): Found | undefined {
  const name = nameOf(layer);
  if (layer.class_name !== 'Bidirectional')
    return layer.class_name in classes
      ? { name, className: layer.class_name, config: layer.config, isTwoWay: false }
      : undefined;
  const { layer: inner, merge_mode: merge } = layer.config as { layer: KerasLayer; merge_mode?: unknown };
  if (merge !== 'concat')
    throw new Error(
      `${name} merges its directions by ${String(merge)}; here they are concatenated (merge_mode="concat")`,
    );
  return { name, className: inner.class_name, config: inner.config, isTwoWay: true };
}

/** Refuses options that compute otherwise than PyTorch's layers. */
function requireStandard({ name, className, config }: Found): void {
  const refuse = (what: string): never => {
    throw new Error(`${name} has ${what}`);
  };
  const own = classes[className] ?? refuse(`the layer ${className}; LSTM, GRU and SimpleRNN can be read`);
  const activations = own.cell === 'rnn' ? ['tanh', 'relu'] : ['tanh'];
  if (!activations.includes(String(config.activation)))
    refuse(`the activation ${JSON.stringify(config.activation)}; here it is ${activations.join(' or ')}`);
  if (own.cell !== 'rnn' && config.recurrent_activation !== 'sigmoid')
    refuse(`the recurrent activation ${JSON.stringify(config.recurrent_activation)}; here it is sigmoid`);
  if (config.go_backwards === true) refuse('go_backwards; here only Bidirectional reads backwards');
  if (own.cell === 'gru' && config.reset_after === false)
    refuse(
      'reset_after=False, whose reset gate acts before the recurrent product; here it acts after it, as in PyTorch',
    );
}

/** The layers to take, and a refusal of others between them. */
function chosen(layers: readonly KerasLayer[], names: readonly string[] | undefined): Found[] {
  if (names)
    return names.map((name) => {
      const layer = layers.find((each) => nameOf(each) === name);
      const found = layer && recurrent(layer);
      if (found) return found;
      const there = layers.filter((each) => recurrent(each)).map(nameOf);
      throw new Error(`has no recurrent layer ${name}; there are ${there.join(', ') || 'none'}`);
    });
  const found = layers.flatMap((layer, index) => {
    const own = recurrent(layer);
    return own ? [{ index, own }] : [];
  });
  if (found.length === 0) throw new Error('has no LSTM, GRU or SimpleRNN layer');
  const between = layers.slice(found[0]!.index, found.at(-1)!.index);
  const other = between.find((layer) => !recurrent(layer) && !transparent.includes(layer.class_name));
  if (other)
    throw new Error(
      `has the layer ${nameOf(other)} (${other.class_name}) between recurrent ones: name those to take, from the lowest up, in training.initFrom.modules`,
    );
  return found.map(({ own }) => own);
}

/** [columns, rows] → rows of PyTorch's, the gates (blocks of rows) in another order. */
function transposed({ shape, values }: KerasArray, order: readonly number[]): Weights[string] {
  const [columns, rows] = shape as [number, number];
  const size = rows / order.length;
  const result = new Float32Array(values.length);
  for (const [to, from] of order.entries())
    for (let unit = 0; unit < size; unit++)
      for (let column = 0; column < columns; column++)
        result[(to * size + unit) * columns + column] = values[column * rows + from * size + unit]!;
  return { shape: [rows, columns], values: result };
}

/** The two biases of PyTorch: a GRU's are two rows; of others the one is b_ih, and b_hh is 0. */
function biases(bias: KerasArray | undefined, rows: number, order: readonly number[]): Weights[string][] {
  const size = rows / order.length;
  return [0, 1].map((row) => {
    const values = new Float32Array(rows);
    if (bias && (bias.shape.length === 2 || row === 0))
      for (const [to, from] of order.entries())
        values.set(bias.values.subarray(row * rows + from * size, row * rows + (from + 1) * size), to * size);
    return { shape: [rows], values };
  });
}

/** Recurrent layers of Keras as PyTorch has them. Throws Error with one line. */
export function kerasLayers(
  layers: readonly KerasLayer[],
  find: KerasWeights,
  names?: readonly string[],
): RecurrentLayers {
  const taken = chosen(layers, names);
  taken.forEach(requireStandard);
  const [{ className, config, isTwoWay }] = taken as [Found, ...Found[]];
  const { cell, order } = classes[className]!;
  const other = taken.find(
    (each) =>
      each.className !== className || each.isTwoWay !== isTwoWay || each.config.activation !== config.activation,
  );
  if (other) throw new Error(`${other.name} is of another kind than ${taken[0]!.name}: they do not make one stack`);
  const weights: Weights = {};
  for (const [layer, { name }] of taken.entries())
    for (const [direction, suffix] of isTwoWay
      ? ([
          ['forward', ''],
          ['backward', '_reverse'],
        ] as const)
      : ([['', '']] as const)) {
      const [kernel, recurrentKernel, bias] = find(name, direction);
      if (!kernel || !recurrentKernel) throw new Error(`the weights of ${name} are missing`);
      const own = `_l${layer}${suffix}`;
      weights[`weight_ih${own}`] = transposed(kernel, order);
      weights[`weight_hh${own}`] = transposed(recurrentKernel, order);
      const [input, recurrentBias] = biases(bias, kernel.shape[1]!, order);
      weights[`bias_ih${own}`] = input!;
      weights[`bias_hh${own}`] = recurrentBias!;
    }
  const nonlinearity = cell === 'rnn' ? (config.activation as 'tanh' | 'relu') : undefined;
  const origin = `Keras's ${taken.map(({ name }) => name).join(', ')}`;
  return { cell, nonlinearity, bidirectional: isTwoWay, weights, origin };
}
