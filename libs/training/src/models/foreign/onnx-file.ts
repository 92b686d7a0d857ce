import { cells } from '../../nn/cells/cells';
import type { Weights } from '../../nn/parameter';
import { decodeGraph, type GraphProto, type NodeProto, type TensorProto } from '../../onnx-format/schema';
import type { RecurrentLayers } from './recurrent-layers';
import { countOf, rowMajor, valuesAt } from './tensors';

/** The content of a file beside the model's, by its name. */
export type ReadBeside = (name: string) => Promise<Uint8Array>;

type Cell = RecurrentLayers['cell'];

/** The operators that are read, and the only functions of their gates that our cells have. */
const operators: Readonly<Record<string, { cell: Cell; activations: readonly string[][] } | undefined>> = {
  LSTM: { cell: 'lstm', activations: [['Sigmoid', 'Tanh', 'Tanh']] },
  GRU: { cell: 'gru', activations: [['Sigmoid', 'Tanh']] },
  RNN: { cell: 'rnn', activations: [['Tanh'], ['Relu']] },
};

/** Operators that may stand between two layers of a stack: they move values, and change none after training. */
const transparent = ['Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout', 'Cast'];

/** Operators that may stand between a stored initial state and its layer. */
const spreading = [...transparent, 'Expand', 'Slice', 'Tile'];

/** ONNX's numbers for types of elements, by the names that `valuesAt` has for them. */
const typeNames: Readonly<Record<number, string>> = { 1: 'F32', 10: 'F16', 11: 'F64', 16: 'BF16' };
const otherFile = 1;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A recurrent node with what its attributes say. */
interface Layer {
  node: NodeProto;
  name: string;
  cell: Cell;
  isTwoWay: boolean;
  nonlinearity: 'tanh' | 'relu' | undefined;
}

const attribute = ({ attribute: all }: NodeProto, name: string) => all.find((each) => each.name === name);

/** Whether these are the same functions: ONNX Runtime ignores case. */
const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.join().toLowerCase() === other.join().toLowerCase();

/** @throws Error for a node that computes otherwise than PyTorch's layers */
function toLayer(node: NodeProto): Layer {
  const name = node.name || node.output.find((each) => each !== '') || node.opType;
  const refuse = (what: string): never => {
    throw new Error(`${name} (${node.opType}) has ${what}`);
  };
  const { cell, activations } = operators[node.opType]!;
  const direction = text(attribute(node, 'direction')?.s ?? Buffer.from('forward')) || 'forward';
  if (direction === 'reverse') refuse('the direction reverse; here only bidirectional layers read backwards');
  const isTwoWay = direction === 'bidirectional';
  const given = (attribute(node, 'activations')?.strings ?? []).map(text);
  const [forward, backward] = [given.slice(0, activations[0]!.length), given.slice(activations[0]!.length)];
  const own = given.length === 0 ? activations[0]! : activations.find((each) => isSame(each, forward));
  if (!own || (isTwoWay && backward.length > 0 && !isSame(own, backward)))
    refuse(
      `the activations ${given.join(', ')}; here they are ${activations.map((each) => each.join(', ')).join(' or ')}`,
    );
  if (attribute(node, 'clip')) refuse('clip, which the cells here do not have');
  if (attribute(node, 'input_forget')?.i) refuse('input_forget, which the cells here do not have');
  if (cell === 'gru' && !attribute(node, 'linear_before_reset')?.i)
    refuse(
      'linear_before_reset=0, whose reset gate acts before the recurrent product; here it acts after it, as in PyTorch',
    );
  if (cell === 'lstm' && node.input[7]) refuse('peepholes; the cell peephole-lstm cannot start from a file');
  return {
    node,
    name,
    cell,
    isTwoWay,
    nonlinearity: cell === 'rnn' ? (own![0] === 'Relu' ? 'relu' : 'tanh') : undefined,
  };
}

/** Nodes of a graph, and of the branches and loops in it. */
function* nodesIn({ node: nodes }: GraphProto): Generator<NodeProto> {
  for (const node of nodes) {
    yield node;
    for (const { g } of node.attribute) if (g) yield* nodesIn(g);
  }
}

/** @throws Error for a recurrent operator of another kind, or one within a branch or loop: a stack without it would be another */
function requireNoOther(graph: GraphProto, found: readonly NodeProto[]): void {
  for (const node of nodesIn(graph))
    if (/LSTM|GRU|RNN/.test(node.opType) && !found.includes(node))
      throw new Error(
        `has the operator ${node.opType} (${node.name || node.output.join(', ')}) ${node.opType in operators ? 'within another' : 'too'}, ` +
          'which cannot be read' +
          (found.length > 0
            ? `: name those to take, from the lowest up, in training.initFrom.modules: ${found.map(({ name }) => name).join(', ')}`
            : ''),
      );
}

/** The axes of what a layer gives (ONNX, operator LSTM), by its attribute `layout`: time, directions, batch, units. */
const axesOf = (node: NodeProto): string => (attribute(node, 'layout')?.i ? 'btdu' : 'tdbu');

/**
 * Whether operators that move values bring a layer's output into the order in which the next one reads it: for each step of each sequence
 * the units of all directions in turn. A Reshape is taken to join directions and units, or to undo another one.
 */
function keepsOrder(below: NodeProto, path: readonly NodeProto[], above: NodeProto): boolean {
  const isTwoWay = text(attribute(below, 'direction')?.s ?? Buffer.from('')) === 'bidirectional';
  let axes = axesOf(below);
  for (const node of path) {
    if (node.opType === 'Transpose') {
      const perm = attribute(node, 'perm')?.ints ?? [...axes].map((_, axis) => axes.length - 1 - axis);
      if (perm.length !== axes.length) return false;
      axes = perm.map((axis) => axes[axis]).join('');
    }
    if (node.opType === 'Reshape' || node.opType === 'Squeeze') {
      if (isTwoWay && axes.includes('d') && !axes.endsWith('du')) return false;
      axes = axes.replace('d', '');
    }
  }
  return axes === axesOf(above).replace('d', '');
}

/** A recurrent node that values are computed from, other than by their shape alone. */
function recurrentBehind(
  values: readonly string[],
  makers: ReadonlyMap<string, NodeProto>,
  seen = new Set<string>(),
): NodeProto | undefined {
  for (const value of values) {
    const maker = makers.get(value);
    if (!maker || seen.has(value) || ['Shape', 'Size', 'ConstantOfShape'].includes(maker.opType)) continue;
    seen.add(value);
    const found = maker.opType in operators ? maker : recurrentBehind(maker.input, makers, seen);
    if (found) return found;
  }
  return undefined;
}

/** The layers to take, and a refusal of other operators between them. */
function chosen(graph: GraphProto, names: readonly string[] | undefined): Layer[] {
  const { node: nodes } = graph;
  const found = nodes.filter(({ opType }) => opType in operators);
  if (!names) requireNoOther(graph, found);
  if (found.length === 0)
    throw new Error(
      'has no LSTM, GRU or RNN node: exporters write nn.RNN, and all layers of Keras, unrolled into single operations; ' +
        'give the .pt, .safetensors or .keras file, or export an nn.RNN with dynamo=False',
    );
  if (names) {
    const named = (name: string): NodeProto | undefined => found.find((each) => each.name === name);
    const missing = names.find((name) => !named(name));
    if (missing !== undefined)
      throw new Error(`has no recurrent node ${missing}; there are ${found.map(({ name }) => name).join(', ')}`);
    return names.map((name) => toLayer(named(name)!));
  }
  const makers = makersIn(graph);
  const advice = `name those to take, from the lowest up, in training.initFrom.modules: ${found.map(({ name }) => name).join(', ')}`;
  for (const [below, above] of found.slice(1).map((node, index): [NodeProto, NodeProto] => [found[index]!, node])) {
    const path: NodeProto[] = [];
    let read = above.input[0]!;
    let maker = makers.get(read);
    while (maker && transparent.includes(maker.opType)) {
      path.unshift(maker);
      [read, maker] = [maker.input[0]!, makers.get(maker.input[0]!)];
    }
    // Further outputs are last states.
    if (maker !== below || read !== below.output[0]) {
      const between = maker ? `the operator ${maker.opType}` : 'an input';
      throw new Error(
        `has ${maker === below ? `the last state of ${below.opType}` : between} before ${above.name}, which is not on top of ` +
          `${below.name}: ${advice}`,
      );
    }
    if (!keepsOrder(below, path, above))
      throw new Error(`has the outputs of ${below.name} in another order before ${above.name}: ${advice}`);
    const other = recurrentBehind(above.input.slice(5, 7), makers);
    if (other)
      throw new Error(
        `has ${above.name}, which begins with a state that ${other.name} makes and would begin with 0 here: ${advice}`,
      );
  }
  return found.map(toLayer);
}

/** Numbers of 16 bits, which a graph may keep as integers. */
function bytesOf(bits: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * bits.length));
  for (const [index, each] of bits.entries()) view.setUint16(2 * index, each, true);
  return new Uint8Array(view.buffer);
}

/** The node that makes a value, by the value's name. */
const makersIn = ({ node: nodes }: GraphProto): ReadonlyMap<string, NodeProto> =>
  new Map(nodes.flatMap((node) => node.output.map((output): [string, NodeProto] => [output, node])));

/** The values of a tensor, which may be in a file beside the model's. */
async function valuesOf(tensor: TensorProto, name: string, beside: ReadBeside | undefined): Promise<Float32Array> {
  const shape = tensor.dims;
  const dtype = typeNames[tensor.dataType] ?? `type ${tensor.dataType}`;
  const read = (bytes: Uint8Array): Float32Array =>
    valuesAt(name, { dtype, bytes, shape, offset: 0, strides: rowMajor(shape) });
  if (tensor.dataLocation !== otherFile) {
    const { rawData, floatData, doubleData, int32Data } = tensor;
    if (rawData.length > 0) return read(rawData);
    const given = [floatData, doubleData].find(({ length }) => length === countOf(shape));
    return given ? Float32Array.from(given) : read(bytesOf(int32Data));
  }
  const about = Object.fromEntries(tensor.externalData.map(({ key, value }) => [key, value]));
  const { location = '', offset = '0', length } = about;
  if (location === '' || location === '.' || location === '..' || /[/\\]/.test(location))
    throw new Error(`${name}: its values are in ${JSON.stringify(location)}, which is no file beside the model's`);
  if (!beside) throw new Error(`${name}: its values are in another file, ${location}`);
  const from = Number(offset);
  const bytes = await beside(location);
  return read(bytes.subarray(from, length === undefined ? undefined : from + Number(length)));
}

/** Blocks of rows from ONNX's order of gates into PyTorch's: block k there is block order[k] here. */
function reordered(values: Float32Array, order: readonly number[]): Float32Array {
  const result = new Float32Array(values.length);
  const block = values.length / order.length;
  for (const [from, to] of order.entries()) result.set(values.subarray(from * block, (from + 1) * block), to * block);
  return result;
}

/**
 * The recurrent layers of an ONNX graph: the nodes LSTM, GRU and RNN, those of `names` or all, as PyTorch has them. The order of gates is
 * i, o, f, c of an LSTM and z, r, h of a GRU (onnx.ai, operators LSTM and GRU); the biases of both products stand end to end. Throws Error
 * with one line.
 */
export async function readOnnx(
  file: Uint8Array,
  names?: readonly string[],
  beside?: ReadBeside,
): Promise<RecurrentLayers> {
  const graph = decodeGraph(file);
  // An operator of another domain computes something else, whatever its name.
  for (const node of nodesIn(graph))
    if (!['', 'ai.onnx'].includes(node.domain)) node.opType = `${node.domain}.${node.opType}`;
  const layers = chosen(graph, names);
  const [{ cell, isTwoWay, nonlinearity }] = layers as [Layer];
  const other = layers.find(
    (each) => each.cell !== cell || each.isTwoWay !== isTwoWay || each.nonlinearity !== nonlinearity,
  );
  if (other) throw new Error(`${other.name} is of another kind than ${layers[0]!.name}: they do not make one stack`);
  const constants = new Map<string, TensorProto>(graph.initializer.map((each) => [each.name, each]));
  for (const node of graph.node) {
    const value = node.opType === 'Constant' ? attribute(node, 'value')?.t : undefined;
    if (value) constants.set(node.output[0]!, value);
  }
  const { order } = orderOf(cell);
  const weights: Weights = {};
  for (const [layer, { node, name }] of layers.entries()) {
    for (const [place, state] of ['initial_h', 'initial_c'].entries())
      await requireZero(graph, node.input[5 + place], constants, beside, `${name} (${node.opType}) has an ${state}`);
    Object.assign(weights, await layerWeights({ node, name, layer, order, isTwoWay }, constants, beside));
  }
  return {
    cell,
    nonlinearity,
    bidirectional: isTwoWay,
    weights,
    origin: `ONNX's ${layers.map((each) => each.name).join(', ')}`,
  };
}

/** Refuses a stored first state: it belongs to the layer, and would be lost. One that the graph is given, or computes, does not. */
async function requireZero(
  graph: GraphProto,
  input: string | undefined,
  constants: ReadonlyMap<string, TensorProto>,
  beside: ReadBeside | undefined,
  what: string,
): Promise<void> {
  if (input === undefined || input === '') return;
  for (const stored of storedBehind(input, makersIn(graph), constants) ?? [])
    if (stored.dataType in typeNames && (await valuesOf(stored, what, beside)).some((value) => value !== 0))
      throw new Error(
        `${what} other than 0 among its weights, which would be lost: layers here start from 0, or learn it (model.learnedInitialState)`,
      );
}

/** The stored tensors that a value is made of; undefined for one that depends on what the graph is given, but for its shape. */
function storedBehind(
  name: string,
  makers: ReadonlyMap<string, NodeProto>,
  constants: ReadonlyMap<string, TensorProto>,
): TensorProto[] | undefined {
  const constant = constants.get(name);
  if (constant) return [constant];
  const maker = makers.get(name);
  if (!maker) return undefined;
  if (['Shape', 'Size'].includes(maker.opType)) return [];
  if (maker.opType === 'ConstantOfShape') return [attribute(maker, 'value')?.t ?? []].flat();
  const read = spreading.includes(maker.opType) ? maker.input.slice(0, 1) : maker.input.filter((each) => each !== '');
  const behind = read.map((each) => storedBehind(each, makers, constants));
  return behind.some((each) => each === undefined) ? undefined : behind.flatMap((each) => each ?? []);
}

/** The order of gates of a kind of cell in ONNX, by PyTorch's places. */
function orderOf(kind: Cell): { order: readonly number[] } {
  for (const cell of cells.values()) if (cell.kind === kind && cell.onnx) return cell.onnx;
  throw new Error(`ONNX has no operator for the cell ${kind}`);
}

/** One layer's weights under PyTorch's names. */
async function layerWeights(
  {
    node,
    name,
    layer,
    order,
    isTwoWay,
  }: Pick<Layer, 'node' | 'name' | 'isTwoWay'> & { layer: number; order: readonly number[] },
  constants: ReadonlyMap<string, TensorProto>,
  beside: ReadBeside | undefined,
): Promise<Weights> {
  const find = async (index: number, what: string): Promise<{ shape: number[]; values: Float32Array }> => {
    const tensor = constants.get(node.input[index] ?? '');
    if (!tensor) throw new Error(`${name}: its ${what} are computed in the graph, and only stored ones can be read`);
    return { shape: tensor.dims, values: await valuesOf(tensor, `${name}: ${what}`, beside) };
  };
  const matrices = { weight_ih: await find(1, 'weights W'), weight_hh: await find(2, 'weights R') };
  const hidden = matrices.weight_hh.shape[2] ?? 0;
  const rows = order.length * hidden;
  const directions = isTwoWay ? ['', '_reverse'] : [''];
  for (const [part, { shape }] of Object.entries(matrices))
    if (shape.length !== 3 || shape[0] !== directions.length || shape[1] !== rows)
      throw new Error(
        `${name}: ${part === 'weight_ih' ? 'W' : 'R'} is ${shape.join(' × ')}, which does not fit its operator`,
      );
  const bias = node.input[3] ? await find(3, 'biases B') : undefined;
  if (bias && bias.values.length !== directions.length * 2 * rows)
    throw new Error(`${name}: B is ${bias.shape.join(' × ')}, which does not fit its operator`);
  const weights: Weights = {};
  for (const [direction, suffix] of directions.entries()) {
    const own = `_l${layer}${suffix}`;
    for (const [part, { shape, values }] of Object.entries(matrices)) {
      const size = rows * shape[2]!;
      const matrix = reordered(values.subarray(direction * size, (direction + 1) * size), order);
      weights[part + own] = { shape: [rows, shape[2]!], values: matrix };
    }
    for (const [place, part] of ['bias_ih', 'bias_hh'].entries()) {
      const at = (2 * direction + place) * rows;
      weights[part + own] = {
        shape: [rows],
        values: bias ? reordered(bias.values.subarray(at, at + rows), order) : new Float32Array(rows),
      };
    }
  }
  return weights;
}
