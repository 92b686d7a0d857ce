import { modelSpec, type ModelSpec } from '@unroll/contracts';
import { getCell } from '../nn/cells/cells';
import type { Engine } from '../backends/engine/engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { denseInput, recurrentStack } from '../nn/stack';
import { apart } from '../nn/cells/unrolled';
import { arrayShape, extract, place, type Parameter } from '../nn/parameter';
import { recurrentParameters } from '../nn/recurrent-parameters';
import { boundsOf, flat, judge, relativeError, type Bounds, type Nested, type Verification } from './comparison';

/** A table of recurrent layers, as tests/reference/README.md describes it. */
export interface LayerTable {
  cases: readonly LayerCase[];
}

export interface LayerCase {
  name: string;
  cell: ModelSpec['cell'];
  nonlinearity: 'tanh' | 'relu' | null;
  batch: number;
  steps: number;
  inputs: number;
  hidden: number;
  layers: number;
  bidirectional: boolean;
  lengths: readonly number[] | null;
  parameters: Readonly<Record<string, Nested>>;
  x: Nested;
  h0: Nested;
  c0: Nested | null;
  outputs: Nested;
  hT: Nested;
  cT: Nested | null;
  lossWeights: { outputs: Nested; hT: Nested; cT: Nested | null };
  gradients: { x: Nested; h0: Nested; c0: Nested | null; parameters: Readonly<Record<string, Nested>> };
}

/** Every case runs in this many lanes at once, all of which must be right. */
const lanes = 2;

/**
 * Compares the recurrent layers that training uses with a table of outputs, final states and gradients, at the width of
 * their bucket and in several lanes; with products of its other precisions too, within and beyond bounds of their own.
 * `engine` has to be the current one.
 */
export async function verifyLayers(
  table: LayerTable,
  engine: Pick<Engine, 'codePath' | 'precisions' | 'usePrecision'>,
  tolerance: number = boundsOf.float32.tolerance,
): Promise<Verification[]> {
  const { codePath } = engine;
  const verifications = await verifyCases(table, codePath, { tolerance });
  for (const precision of engine.precisions?.() ?? []) {
    if (precision === 'float32') continue;
    engine.usePrecision?.(precision);
    try {
      verifications.push(...(await verifyCases(table, `${codePath}, ${precision}`, boundsOf[precision])));
    } finally {
      engine.usePrecision?.('float32');
    }
  }
  return verifications;
}

async function verifyCases({ cases }: LayerTable, path: string, bounds: Bounds): Promise<Verification[]> {
  const verifications: Verification[] = [];
  for (const each of cases) verifications.push(judge(each.name, path, bounds, await layerErrors(compared(each))));
  return verifications;
}

/** A computed quantity, in every lane, and its expected value. */
interface Compared {
  name: string;
  /** The caller's. */
  ours: Tensor;
  theirs: Nested;
  /** Removes the padding of a lane's values. */
  logical: (values: Float32Array) => Float32Array;
}

/** The largest relative error over the lanes, by name. Disposes the computed tensors. */
async function layerErrors(all: readonly Compared[]): Promise<Map<string, number>> {
  const errors = new Map<string, number>();
  for (const { name, ours, theirs, logical } of all) {
    const values = (await ours.data()) as Float32Array;
    ours.dispose();
    const size = values.length / lanes;
    for (let lane = 0; lane < lanes; lane++) {
      const own = logical(values.slice(lane * size, (lane + 1) * size));
      errors.set(name, worse(errors.get(name) ?? 0, relativeError(own, flat(theirs))));
    }
  }
  return errors;
}

/** Values [a, b, units] in PyTorch's order as a tensor of every lane: logical units spread over padded ones. */
class Axes {
  constructor(
    readonly directions: number,
    readonly size: number,
    readonly width: number,
  ) {}

  /** rows × (directions·size) → rows × (directions·width), padded with 0. */
  pad(values: readonly number[]): Float32Array {
    const rows = values.length / (this.directions * this.size);
    const padded = new Float32Array(rows * this.directions * this.width);
    values.forEach((value, index) => (padded[this.at(index)] = value));
    return padded;
  }

  /** The inverse. */
  strip(padded: Float32Array): Float32Array {
    const count = (padded.length / this.width) * this.size;
    return Float32Array.from({ length: count }, (_, index) => padded[this.at(index)]!);
  }

  private at(index: number): number {
    return Math.floor(index / this.size) * this.width + (index % this.size);
  }
}

const inLanes = (values: Float32Array, shape: number[]): Tensor =>
  tf.stack(Array.from({ length: lanes }, () => tf.tensor(values, shape)));

/** Runs a case forwards and backwards. */
function compared(each: LayerCase): Compared[] {
  const all: Compared[] = [];
  tf.tidy(() => {
    all.push(...computed(each).map((one) => ({ ...one, ours: tf.keep(one.ours) })));
  });
  return all;
}

/** A case as tensors of ours. */
interface Prepared {
  model: ModelSpec;
  specs: readonly Parameter[];
  /** Layouts of a state, and of outputs. */
  state: Axes;
  output: Axes;
  /** x, the states and the parameters: the variables of differentiation. */
  values: Tensor[];
  /** How many of them come before the parameters. */
  first: number;
  /** The weights of the loss: of outputs [lane, time, batch, directions·hidden], and of each final state. */
  outputWeights: Tensor;
  stateWeights: Tensor[];
  valid: Tensor | undefined;
}

function toTensors(each: LayerCase): Prepared {
  const { batch, steps, inputs, layers, hidden, bidirectional, cell: kind, nonlinearity } = each;
  const model = modelSpec.parse({
    ...{ cell: kind, nonlinearity: nonlinearity ?? undefined, hiddenSize: hidden, layers, bidirectional },
  });
  const { states } = getCell(model);
  const specs = recurrentParameters(model, inputs);
  const directions = bidirectional ? 2 : 1;
  const width = arrayShape(specs[1]!)[0]; // of weight_hh: [hidden, gates·hidden]
  const state = new Axes(1, hidden, width);
  const output = new Axes(directions, hidden, width);
  /** [layers·directions, batch, hidden] in every lane. */
  const stateTensor = (values: Nested): Tensor => inLanes(state.pad(flat(values)), [layers * directions, batch, width]);
  const x = tf.transpose(inLanes(Float32Array.from(flat(each.x)), [batch, steps, inputs]), [0, 2, 1, 3]);
  const parameters = specs.map((spec) => {
    const values = new Float32Array(arrayShape(spec)[0] * arrayShape(spec)[1]);
    place(spec, flat(each.parameters[spec.name]!), values, 0);
    return inLanes(values, arrayShape(spec));
  });
  const { lossWeights } = each;
  const outputWeights = inLanes(output.pad(flat(lossWeights.outputs)), [batch, steps, directions * width]);
  const initial = [each.h0, each.c0].slice(0, states).map((values) => stateTensor(values!));
  return {
    ...{ model, specs, state, output, first: 1 + states },
    values: [x, ...initial, ...parameters],
    outputWeights: tf.transpose(outputWeights, [0, 2, 1, 3]),
    stateWeights: [lossWeights.hT, lossWeights.cT].slice(0, states).map((values) => stateTensor(values!)),
    valid: each.lengths ? validSteps(each.lengths, steps) : undefined,
  };
}

/** Outputs, final states and gradients of a case. */
function differentiate(given: Prepared): { outputs: Tensor; final: Tensor[]; grads: Tensor[] } {
  const { model, specs, first, values: all, valid } = given;
  const { layers, bidirectional } = model;
  let outputs: Tensor | undefined;
  let final: Tensor[] | undefined;
  const { grads } = tf.valueAndGrads((...values: Tensor[]) => {
    const byName = new Map(specs.map(({ name }, index) => [name, values[first + index]!]));
    const result = recurrentStack(
      { cell: getCell(model), layers, bidirectional, parameters: (name) => byName.get(name)! },
      denseInput(values[0]!),
      values.slice(1, first).map(apart),
      { valid, training: true },
    );
    const ends = result.states.map((states) => tf.stack(states, 1)); // each [lane, layers·directions, batch, hidden]
    outputs = tf.keep(result.outputs);
    final = ends.map((end) => tf.keep(end));
    const terms = [
      tf.mul(result.outputs, given.outputWeights),
      ...ends.map((end, index) => tf.mul(end, given.stateWeights[index]!)),
    ];
    return tf.addN(terms.map((term) => tf.sum(term)));
  })(all);
  return { outputs: outputs!, final: final!, grads };
}

function computed(each: LayerCase): Compared[] {
  const given = toTensors(each);
  const { specs, state, output, first } = given;
  const { outputs, final, grads } = differentiate(given);
  const plain = (values: Float32Array): Float32Array => values;
  const stripped = (values: Float32Array): Float32Array => state.strip(values);
  return [
    {
      ...{ name: 'outputs', ours: tf.transpose(outputs, [0, 2, 1, 3]), theirs: each.outputs },
      logical: (values) => output.strip(values),
    },
    ...final.map((ours, index) => ({
      ...{ name: ['hT', 'cT'][index]!, ours, theirs: [each.hT, each.cT][index]!, logical: stripped },
    })),
    {
      ...{ name: 'gradient of x', ours: tf.transpose(grads[0]!, [0, 2, 1, 3]) },
      ...{ theirs: each.gradients.x, logical: plain },
    },
    ...(['h0', 'c0'] as const).slice(0, first - 1).map((name, index) => ({
      ...{ name: `gradient of ${name}`, ours: grads[1 + index]! },
      ...{ theirs: each.gradients[name]!, logical: stripped },
    })),
    ...specs.map((spec: Parameter, index) => ({
      ...{ name: `gradient of ${spec.name}`, ours: grads[first + index]! },
      ...{ theirs: each.gradients.parameters[spec.name]!, logical: (values: Float32Array) => extract(spec, values, 0) },
    })),
  ];
}

const worse = (a: number, b: number): number => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b));

/** bool [lane, time, batch] */
function validSteps(lengths: readonly number[], steps: number): Tensor {
  const one = Array.from({ length: steps }, (_, t) => lengths.map((length) => t < length));
  return tf.tensor3d(
    Array.from({ length: lanes }, () => one),
    [lanes, steps, lengths.length],
    'bool',
  );
}
