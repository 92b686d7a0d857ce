import { exportProblem, type ModelSpec } from '@unroll/contracts';
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
  'class over stream': (graph, layers, model) => {
    const { model: spec } = model.header.spec;
    const logits = graph.node('Transpose', [linear(graph, model.weights, layers.outputs)], { perm: [1, 0, 2] });
    graph.output('logits', logits, ['batch', 'time', countAnswers(model)]);
    layers.states.forEach((places, state) =>
      graph.output(`${stateNames(spec)[state]}_out`, graph.node('Concat', places, { axis: 0 }), stateShape(spec)),
    );
  },
};

const stateShape = ({ layers, hiddenSize }: ModelSpec) => [layers, 'batch', hiddenSize];

const graphHead = ({ head }: { head?: Head | undefined }): GraphHead | undefined =>
  head && heads[`${head.gives} over ${head.over}`];

/**
 * A model as an ONNX graph, which reads raw input and answers in the data's own units: scaling is part of it. Inputs: `ids`
 * int64 [batch, time] or `values` float32 [batch, time, numbers], and `lengths` int32 [batch]; for a language model,
 * instead of lengths, the first states `h` (and `c`), [layers, batch, hidden]. Outputs: `probabilities`, `answers`, or
 * `logits` with `h_out` (and `c_out`). The vocabulary is stored in the metadata. Throws Error for what `exportProblem` refuses.
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
  const { x, batch } = sequenceInput(graph, model);
  const lengths = isStream ? '' : graph.input('lengths', 'int32', ['batch']);
  const states = isStream ? stateInputs(graph, spec.model) : undefined;
  const layers = recurrentLayers(graph, spec.model, model.weights, { x, lengths, batch, states });
  head(graph, layers, model, { x, lengths });
  return graph.file(spec.task.kind, { 'unroll.reading': JSON.stringify(reading), 'unroll.task': spec.task.kind });
}

/** The states of a language model, one for each layer. */
function stateInputs(graph: Graph, model: ModelSpec): string[][] {
  return stateNames(model).map((name) => {
    const all = graph.input(name, 'float', stateShape(model));
    return model.layers === 1 ? [all] : graph.addNode('Split', [all], model.layers, { axis: 0 });
  });
}

function sequenceInput(graph: Graph, { header, weights }: Model): { x: string; batch: string } {
  const { inputWidth, inputScaling } = header.reading;
  const first = graph.constant([0], [1], 'int64');
  const batchSize = (input: string): string => graph.node('Gather', [graph.node('Shape', [input]), first]);
  if (inputWidth === undefined) {
    const ids = graph.input('ids', 'int64', ['batch', 'time']);
    const { values, shape } = weights['embedding.weight']!;
    const rows = graph.node('Transpose', [ids], { perm: [1, 0] });
    return { x: graph.node('Gather', [graph.constant(values, shape), rows]), batch: batchSize(ids) };
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
  return { x: graph.node('Transpose', [scaled], { perm: [1, 0, 2] }), batch: batchSize(raw) };
}

/** How many numbers the output layer gives. */
const countAnswers = ({ weights }: Model): number => weights['output.bias']!.shape[0]!;

/** x·Wᵀ + b, torch.nn.Linear. */
function linear(graph: Graph, weights: Weights, x: string, name = 'output'): string {
  const { values, shape } = weights[`${name}.bias`]!;
  const product = graph.node('MatMul', [x, transposed(graph, weights[`${name}.weight`]!)]);
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
