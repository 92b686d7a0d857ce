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
  /** The layers whose first outputs it reads as its input, one for each time that it is called. */
  reads: readonly string[];
  /** The layers that make the states with which it begins; none where it begins with 0. */
  startsFrom: readonly string[];
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
const transparent = [
  ...['Dropout', 'SpatialDropout1D', 'GaussianDropout', 'GaussianNoise', 'Masking', 'ActivityRegularization'],
];

/** Layers of other classes in which recurrent ones are: models within the model, wrappers of cells, TimeDistributed. */
const containing = /"class_name":"(?:LSTM|GRU|SimpleRNN|RNN|ConvLSTM[123]D|\w*Cells?)"/;
const isOther = ({ class_name: className, config }: KerasLayer): boolean =>
  /^(?:RNN|ConvLSTM[123]D|CuDNN\w+)$/.test(className) || containing.test(JSON.stringify(config));

/** Types of numbers whose weights are stored as float32 or float64. */
const policies = ['float32', 'mixed_float16', 'mixed_bfloat16', 'float64'];

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
  type Wrapper = { layer: KerasLayer; backward_layer?: KerasLayer | null; merge_mode?: unknown };
  const { layer: inner, backward_layer: back, merge_mode: merge } = layer.config as Wrapper;
  if (merge !== 'concat')
    throw new Error(
      `${name} merges its directions by ${String(merge)}; here they are concatenated (merge_mode="concat")`,
    );
  const own = { name, className: inner.class_name, config: inner.config, isTwoWay: true };
  // A layer of its own for the other direction may compute otherwise. It has go_backwards, as it has to.
  if (back) {
    const other = { ...own, className: back.class_name, config: { ...back.config, go_backwards: false } };
    requireStandard(other);
    if (kindOf(other) !== kindOf(own)) throw new Error(`${name} has a backward_layer of another kind than its layer`);
  }
  return own;
}

/** What layers of one stack have in common. */
const kindOf = ({ className, isTwoWay, config }: Found): string =>
  [className, isTwoWay, className === 'SimpleRNN' && config.activation].join();

/** The name of a dtype: Keras 3 writes a policy, {config: {name}}, and Keras 2 the name. */
function typeOf(dtype: unknown): string {
  if (typeof dtype === 'string' || dtype === undefined || dtype === null) return dtype ?? 'float32';
  const { config } = dtype as { config?: { name?: unknown } };
  return typeof config?.name === 'string' ? config.name : JSON.stringify(dtype);
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
  const type = typeOf(config.dtype);
  if (!policies.includes(type))
    refuse(`weights of ${type}; save the model with weights of float32, such as with the policy mixed_${type}`);
  if (config.go_backwards === true) refuse('go_backwards; here only Bidirectional reads backwards');
  // Keras before 2.1 had no such option, and GRUs without it.
  if (own.cell === 'gru' && config.reset_after !== true)
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
  const other = layers.find((layer) => !recurrent(layer) && isOther(layer));
  if (other)
    throw new Error(
      `has recurrent layers in ${nameOf(other)} (${other.class_name}), which are not read there: save an LSTM, GRU or SimpleRNN as a ` +
        'layer of the model itself, or name those to take, from the lowest up, in training.initFrom.modules',
    );
  const found = layers.flatMap((layer) => {
    const own = recurrent(layer);
    return own ? [{ layer, own }] : [];
  });
  if (found.length === 0) throw new Error('has no LSTM, GRU or SimpleRNN layer');
  const again = found.find(({ layer }) => layer.reads.length > 1)?.layer;
  if (again)
    throw new Error(
      `has ${nameOf(again)}, which is called ${again.reads.length} times: name it in training.initFrom.modules to take it once`,
    );
  found.slice(1).forEach(({ layer }, index) => requireOnTop(layers, found[index]!.layer, layer));
  return found.map(({ own }) => own);
}

/** @throws Error unless a layer reads the one below, or one reads it that changes nothing */
function requireOnTop(layers: readonly KerasLayer[], below: KerasLayer, above: KerasLayer): void {
  const advice = 'name those to take, from the lowest up, in training.initFrom.modules';
  const readBy = ({ reads }: KerasLayer): KerasLayer | undefined =>
    reads.length === 1 ? layers.find((layer) => nameOf(layer) === reads[0]) : undefined;
  let reader = above;
  let read = readBy(reader);
  while (read && transparent.includes(read.class_name)) [reader, read] = [read, readBy(read)];
  if (read === below) {
    const maker = above.startsFrom.find(
      (name) => layers.find((each) => nameOf(each) === name)?.class_name !== 'InputLayer',
    );
    if (maker === undefined) return;
    throw new Error(
      `has ${nameOf(above)}, which begins with a state that ${maker} makes and would begin with 0 here: ${advice}`,
    );
  }
  if (read && read.reads.length > 0 && !recurrent(read))
    throw new Error(`has the layer ${nameOf(read)} (${read.class_name}) between recurrent ones: ${advice}`);
  const reads = reader.reads.join(', ') || 'an input';
  throw new Error(
    `has ${nameOf(above)}, which is not on top of ${nameOf(below)}: ${nameOf(reader)} reads ${reads}; ${advice}`,
  );
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
  const other = taken.find((each) => kindOf(each) !== kindOf(taken[0]!));
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
