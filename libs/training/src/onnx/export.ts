import { exportProblem, layerUnits, type ModelSpec } from '@unroll/contracts';
import type { Weights } from '../nn/parameter';
import type { Model } from '../models/model-file';
import { Graph } from './graph';
import { stateNames } from '../nn/recurrent-parameters';
import type { Head } from '../tasks/task';
import { getTask } from '../tasks/tasks';
import { recurrentLayers, type Layers } from './recurrent';

/** How the layers' outputs become the graph's. */
type GraphHead = (graph: Graph, layers: Layers, model: Model, input: Read) => void;

/** The inputs of a graph. */
interface Read {
  /** [time, batch, numbers] */
  x: string;
  /** int32 [batch]; '' for a language model. */
  lengths: string;
  /** Of tokens: the embedding, [symbols, embedding]. */
  table: string | undefined;
}

const heads: Partial<Record<`${Head['gives']} over ${Head['over']}`, GraphHead>> = {
  'class over sequence': (graph, layers, model, input) =>
    graph.output(
      'probabilities',
      graph.node('Softmax', [linear(graph, model.weights, pooled(graph, layers, model, input))], { axis: -1 }),
      ['batch', countAnswers(model)],
    ),
  'numbers over sequence': numbers,
  'class over steps': (graph, layers, model) => aligned(graph, layers, model, 'Softmax', { axis: -1 }),
  'labels over steps': (graph, layers, model) => aligned(graph, layers, model, 'Sigmoid', {}),
  'class over stream': (graph, layers, model, { table }) => {
    const { model: spec } = model.header.spec;
    const matrix = spec.tieWeights ? graph.node('Transpose', [table!], { perm: [1, 0] }) : undefined;
    const logits = linear(graph, model.weights, layers.outputs, 'output', matrix);
    const beside = graph.node('Transpose', [logits], { perm: [1, 0, 2] });
    graph.output('logits', beside, ['batch', 'time', countAnswers(model)]);
    for (const { name, state, of, shape } of streamStates(spec))
      graph.output(
        `${name}_out`,
        graph.node(
          'Concat',
          of.map((layer) => layers.states[state]![layer]!),
          { axis: 0 },
        ),
        shape,
      );
  },
};

interface StreamState {
  name: string;
  /** Which state, and of which layers. */
  state: number;
  of: readonly number[];
  shape: readonly [layers: number, batch: 'batch', units: number];
}

/** The states that a language model's graph reads and gives: `h` of all layers at once, or `h_l0`, … where their sizes differ. */
export function streamStates(model: ModelSpec): StreamState[] {
  const sizes = layerUnits(model).map(({ size }) => size);
  const isEven = sizes.every((size) => size === sizes[0]);
  return stateNames(model).flatMap((name, state): StreamState[] =>
    isEven
      ? [{ name, state, of: [...sizes.keys()], shape: [sizes.length, 'batch', sizes[0]!] }]
      : sizes.map((size, layer) => ({ name: `${name}_l${layer}`, state, of: [layer], shape: [1, 'batch', size] })),
  );
}

const graphHead = ({ head }: { head?: Head | undefined }): GraphHead | undefined =>
  head && heads[`${head.gives} over ${head.over}`];

/**
 * A model as an ONNX graph, which reads raw input and answers in the data's own units: scaling is part of it. Inputs: `ids`
 * int64 [batch, time] or `values` float32 [batch, time, numbers], and `lengths` int32 [batch]; for a language model,
 * instead of lengths, the first states `h` (and `c`), [layers, batch, hidden], or of layers of different sizes `h_l0`, …,
 * [1, batch, hidden]. Outputs: `probabilities`, `answers`, or `logits` with `h_out` (and `c_out`). The vocabulary is stored
 * in the metadata. Throws Error for what `exportProblem` refuses.
 */
export function exportOnnx(model: Model): Uint8Array {
  const { spec, reading } = model.header;
  const task = getTask(spec.task.kind);
  const problem = exportProblem(spec);
  if (problem) throw new Error(problem.message);
  const head = graphHead(task);
  if (!head) throw new Error(`there is no graph of a ${spec.task.kind}`);
  const graph = new Graph();
  const isStream = task.head!.over === 'stream';
  const { x, batch, table } = sequenceInput(graph, model);
  const lengths = isStream ? '' : graph.input('lengths', 'int32', ['batch']);
  const states = isStream ? stateInputs(graph, spec.model) : undefined;
  const layers = recurrentLayers(graph, spec.model, model.weights, { x, lengths, batch, states });
  head(graph, layers, model, { x, lengths, table });
  return graph.file(spec.task.kind, { 'unroll.reading': JSON.stringify(reading), 'unroll.task': spec.task.kind });
}

/** The states of a language model, by state and then by layer. */
function stateInputs(graph: Graph, model: ModelSpec): string[][] {
  const states: string[][] = stateNames(model).map(() => []);
  for (const { name, state, of, shape } of streamStates(model)) {
    const all = graph.input(name, 'float', shape);
    states[state]!.push(...(of.length === 1 ? [all] : graph.addNode('Split', [all], of.length, { axis: 0 })));
  }
  return states;
}

function sequenceInput(graph: Graph, { header, weights }: Model): Pick<Read, 'x' | 'table'> & { batch: string } {
  const { inputWidth, inputScaling } = header.reading;
  const first = graph.constant([0], [1], 'int64');
  const batchSize = (input: string): string => graph.node('Gather', [graph.node('Shape', [input]), first]);
  if (inputWidth === undefined) {
    const ids = graph.input('ids', 'int64', ['batch', 'time']);
    const { values, shape } = weights['embedding.weight']!;
    const rows = graph.node('Transpose', [ids], { perm: [1, 0] });
    const table = graph.constant(values, shape);
    return { x: graph.node('Gather', [table, rows]), batch: batchSize(ids), table };
  }
  const raw = graph.input('values', 'float', ['batch', 'time', inputWidth]);
  const { shift, scale } = inputScaling ?? {};
  const scaled =
    shift && scale
      ? graph.node('Div', [
          graph.node('Sub', [raw, graph.constant(shift, [inputWidth])]),
          graph.constant(scale, [inputWidth]),
        ])
      : raw;
  return { x: graph.node('Transpose', [scaled], { perm: [1, 0, 2] }), batch: batchSize(raw), table: undefined };
}

/** How many numbers the output layer gives. */
const countAnswers = ({ weights }: Model): number => weights['output.bias']!.shape[0]!;

/** x·Wᵀ + b, torch.nn.Linear. `matrix`: Wᵀ, where the graph has it. */
function linear(graph: Graph, weights: Weights, x: string, name = 'output', matrix?: string): string {
  const { values, shape } = weights[`${name}.bias`]!;
  const product = graph.node('MatMul', [x, matrix ?? transposed(graph, weights[`${name}.weight`]!)]);
  return graph.node('Add', [product, graph.constant(values, shape)]);
}

function transposed(graph: Graph, { values, shape }: Weights[string]): string {
  const [rows, columns] = shape as [number, number];
  const turned = Float32Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!);
  return graph.constant(turned, [columns, rows]);
}

/** The pooled outputs of a sequence, [batch, width]. */
function pooled(graph: Graph, { outputs, last }: Layers, { header, weights }: Model, { lengths }: Read): string {
  const { task } = header.spec;
  const pooling = 'pooling' in task ? task.pooling : 'last';
  if (pooling === 'last') return last;
  const overTime = graph.constant([0], [1], 'int64');
  const sum = (x: string): string => graph.node('ReduceSum', [x, overTime], { keepdims: 0 });
  if (pooling === 'mean') {
    const count = graph.node('Cast', [lengths], { to: 1 });
    return graph.node('Div', [sum(outputs), graph.node('Unsqueeze', [count, graph.constant([1], [1], 'int64')])]);
  }
  const keys = graph.node('Tanh', [linear(graph, weights, outputs, 'attention')]);
  const scores = graph.node('MatMul', [keys, transposed(graph, weights['attention.query']!)]); // [time, batch, 1]
  const seen = graph.node('Where', [stepsThatCount(graph, outputs, lengths), scores, graph.constant([-1e30], [])]);
  return sum(graph.node('Mul', [outputs, graph.node('Softmax', [seen], { axis: 0 })]));
}

/** Whether a step is within its sequence, bool [time, batch, 1]. */
function stepsThatCount(graph: Graph, outputs: string, lengths: string): string {
  const time = graph.node('Gather', [graph.node('Shape', [outputs]), graph.constant([0], [], 'int64')]);
  const [zero, one] = [0, 1].map((value) => graph.constant([value], [], 'int64')) as [string, string];
  const steps = graph.node('Unsqueeze', [graph.node('Range', [zero, time, one]), graph.constant([1, 2], [2], 'int64')]); // [time, 1, 1]
  const ends = graph.node('Unsqueeze', [
    graph.node('Cast', [lengths], { to: 7 }),
    graph.constant([0, 2], [2], 'int64'),
  ]); // [1, batch, 1]
  return graph.node('Less', [steps, ends]);
}

/** Numbers in the unit of the data, [batch, answers]. */
function numbers(graph: Graph, layers: Layers, model: Model, input: Read): void {
  const { targetScaling } = model.header.reading;
  const answer = linear(graph, model.weights, pooled(graph, layers, model, input));
  const [shift, scale] = [targetScaling?.shift[0] ?? 0, targetScaling?.scale[0] ?? 1];
  const scaled = graph.node('Mul', [answer, graph.constant([scale], [1])]);
  graph.output('answers', graph.node('Add', [scaled, graph.constant([shift], [1])]), ['batch', countAnswers(model)]);
}

/** An answer for each step, [batch, time, answers]. */
function aligned(
  graph: Graph,
  layers: Layers,
  model: Model,
  activation: string,
  attributes: Record<string, number>,
): void {
  const logits = linear(graph, model.weights, layers.outputs);
  const beside = graph.node('Transpose', [logits], { perm: [1, 0, 2] });
  graph.output('probabilities', graph.node(activation, [beside], attributes), ['batch', 'time', countAnswers(model)]);
}
