import { layerUnits, residualLayers, type ModelSpec } from '@unroll/contracts';
import type { OnnxOperator } from '../nn/cells/cell';
import { cells } from '../nn/cells/cells';
import { directionSuffixes, stateNames } from '../nn/recurrent-parameters';
import type { Weights } from '../nn/parameter';
import type { Graph } from './graph';

export interface Layers {
  /** Of the top, [time, batch, directions · hidden]. */
  outputs: string;
  /**
   * The top's output that was read last: at the last step, and for the reverse direction at the first; [batch, directions ·
   * hidden].
   */
  last: string;
  /** By state, then by layer; each [directions, batch, hidden]. */
  states: string[][];
}

export interface LayersInput {
  /** [time, batch, inputs] */
  x: string;
  /** int32 [batch]; '' where all steps count. */
  lengths: string;
  /** int64 [1], how many sequences there are; for learned initial states. */
  batch: string;
  /** States to begin with, as in `Layers`; undefined for zeros or learned ones. */
  states?: readonly (readonly string[])[] | undefined;
}

/** Stacked recurrent layers, each reading the one below. Throws Error for a cell without an operator. */
export function recurrentLayers(graph: Graph, model: ModelSpec, weights: Weights, input: LayersInput): Layers {
  const { onnx: operator, states: count } = findOperator(model);
  let { x } = input;
  let last: string | undefined;
  const states: string[][] = Array.from({ length: count }, () => []);
  const sizes = layerUnits(model).map(({ size }) => size);
  const added = residualLayers(model);
  for (const [layer, hidden] of sizes.entries()) {
    const result = oneLayer(graph, { model, weights, operator, count, layer, hidden }, { ...input, x });
    result.states.forEach((state, index) => states[index]!.push(state));
    const flat = graph.node('Reshape', [
      graph.node('Transpose', [result.states[0]!], { perm: [1, 0, 2] }),
      graph.constant([0, -1], [2], 'int64'),
    ]);
    const adds = model.residual && added[layer];
    x = adds ? graph.node('Add', [x, result.outputs]) : result.outputs;
    last = adds ? graph.node('Add', [last!, flat]) : flat;
  }
  return { outputs: x, last: last!, states };
}

interface Layer {
  model: ModelSpec;
  weights: Weights;
  operator: OnnxOperator;
  /** States of a layer. */
  count: number;
  layer: number;
  /** Its units. */
  hidden: number;
}

/** The operator of a model's cell, and how many states it carries. Throws Error for a cell without an operator. */
export function findOperator({ cell: kind }: ModelSpec): { onnx: OnnxOperator; states: number } {
  for (const { kind: own, onnx, states } of cells.values()) if (own === kind && onnx) return { onnx, states };
  throw new Error(`ONNX has no operator for the cell ${kind}`);
}

function oneLayer(graph: Graph, of: Layer, { x, lengths, batch, states }: LayersInput) {
  const { model, weights, operator, count, layer, hidden } = of;
  const directions = directionSuffixes(model);
  const named = (name: string, direction: string) => weights[`recurrent.${name}_l${layer}${direction}`]!;
  /** Vectors of every direction end to end, their gates in ONNX's order; [direction, n]. */
  const vectors = (names: readonly string[], order: readonly number[]): string => {
    const all = directions.flatMap((direction) =>
      names.map((name) => reordered(named(name, direction).values, order, hidden)),
    );
    return graph.constant(joined(all), [directions.length, names.length * order.length * hidden]);
  };
  const width = named('weight_ih', '').shape[1]!;
  const matrix = (name: string, columns: number): string => {
    const values = directions.map((direction) =>
      reordered(named(name, direction).values, operator.order, hidden * columns),
    );
    const rows = operator.order.length * hidden;
    return graph.constant(joined(values), [directions.length, rows, columns]);
  };
  const initial = (state: number): string =>
    states ? states[state]![layer]! : learned(graph, of, batch, stateNames(of.model)[state]!);
  const inputs = [
    ...[x, matrix('weight_ih', width), matrix('weight_hh', hidden)],
    ...[vectors(['bias_ih', 'bias_hh'], operator.order), lengths],
    ...Array.from({ length: count }, (_, state) => initial(state)),
    ...(operator.peepholes ? [vectors(operator.peepholes, [0])] : []),
  ];
  const activation = model.nonlinearity === 'relu' ? 'Relu' : 'Tanh';
  const [y, ...after] = graph.addNode(operator.name, inputs, 1 + count, {
    hidden_size: hidden,
    direction: model.bidirectional ? 'bidirectional' : 'forward',
    ...(operator.name === 'RNN' ? { activations: directions.map(() => activation) } : {}),
    ...operator.attributes,
  });
  const beside = graph.node('Transpose', [y!], { perm: [0, 2, 1, 3] }); // [time, batch, direction, hidden]
  const outputs = graph.node('Reshape', [beside, graph.constant([0, 0, -1], [3], 'int64')]);
  return { outputs, states: after };
}

/** The learned state before the first step, for each sequence; '' where it is zeros. [direction, batch, hidden] */
function learned(graph: Graph, { model, weights, layer, hidden }: Layer, batch: string, state: string): string {
  if (!model.learnedInitialState) return '';
  const directions = directionSuffixes(model);
  const values = directions.map((direction) => weights[`recurrent.initial_${state}_l${layer}${direction}`]!.values);
  const constant = graph.constant(joined(values), [directions.length, 1, hidden]);
  const ends = [directions.length, hidden].map((size) => graph.constant([size], [1], 'int64'));
  return graph.node('Expand', [constant, graph.node('Concat', [ends[0]!, batch, ends[1]!], { axis: 0 })]);
}

/** Blocks of values in another order. */
const reordered = (values: Float32Array, order: readonly number[], block: number): Float32Array =>
  joined(order.map((index) => values.subarray(index * block, (index + 1) * block)));

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
