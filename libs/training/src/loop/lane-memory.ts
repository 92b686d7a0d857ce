import { cells, layerWidth, tasks, type TrialSpec } from '@unroll/contracts';
import type { PreparedData, Sequences } from '@unroll/datasets';
import { getArchitecture } from '../nn/architectures';
import type { Engine } from '../backends/engine/engine';
import { getCell } from '../nn/cells/cells';
import { createLayout } from '../nn/layout';
import { runsByKernel } from '../nn/recurrent';
import { directionSuffixes } from '../nn/recurrent-parameters';
import { logicalShape, type Parameter } from '../nn/parameter';
import { sequenceLengths } from '../batches/example-batches';
import { bucketLength } from '../batches/example-order';
import { taskParameters } from '../tasks/tasks';

/** Bytes that one lane takes while an update is computed: in all, and its part of the largest tensor. */
export interface LaneMemory {
  bytes: number;
  largest: number;
}

/** Numbers of one lane's update, and how often each is held at once. */
type Numbers = Record<'parameters' | 'states' | 'gates' | 'answers' | 'inputs', number>;

/**
 * How many times each number is held, fitted to what updates of language models were measured to take (lane-memory.spec.ts
 * measures again). On a processor: the most that is alive at once. On a GPU: all that an update makes, since TensorFlow.js'
 * WebGPU backend reuses nothing before the submission, and an update is one submission. `taped`: layers without a fused
 * kernel, of which every operation keeps its result.
 */
const held: Record<'processor' | 'gpu', Record<'fused' | 'taped', Numbers>> = {
  processor: {
    fused: { parameters: 6.2, states: 3, gates: 6.7, answers: 2, inputs: 1 },
    taped: { parameters: 17, states: 7, gates: 27, answers: 18, inputs: 30 },
  },
  gpu: {
    fused: { parameters: 9.8, states: 12.3, gates: 14, answers: 6, inputs: 5.8 },
    taped: { parameters: 16, states: 19, gates: 74, answers: 33, inputs: 15 },
  },
};

const longest = (sequences: Sequences): number =>
  bucketLength(sequenceLengths(sequences).reduce((most, length) => Math.max(most, length), 1));

/** Steps that one sequence of an update has at most. */
function countSteps({ training: { bptt } }: TrialSpec, data: PreparedData): number {
  if (data.kind === 'tokens') return typeof bptt === 'number' ? bptt : bptt === 'full' ? data.train.length : bptt.k2;
  if (data.kind === 'trees') {
    const { offsets } = data.train;
    return offsets.reduce((most, end, tree) => Math.max(most, tree > 0 ? end - offsets[tree - 1]! : 0), 1);
  }
  const { inputs, targets } = data.train;
  // What is written is read by a decoder of the same kind.
  return longest(inputs) + (targets.kind === 'tokens' ? longest(targets) : 0);
}

/** The rows of a parameter whose name ends so, 0 where there is none. */
const countRows = (parameters: readonly Parameter[], name: string): number =>
  parameters.filter((each) => each.name.endsWith(name)).reduce((sum, each) => sum + logicalShape(each)[0]!, 0);

function countNumbers(spec: TrialSpec, data: PreparedData): { numbers: Numbers; largest: number } {
  const { model, training, task } = spec;
  const parameters = taskParameters(spec, data);
  const steps = countSteps(spec, data);
  const architecture = getArchitecture(model);
  const gates = architecture.gates(model);
  const wide = layerWidth(model) * directionSuffixes(model).length;
  const every = steps * training.batchSize;
  const pairs = architecture.attendsToSteps ? every * steps * model.heads : 0; // a weight for each pair of steps
  const answers =
    (tasks[task.kind].answers === 'once' ? training.batchSize : every) * countRows(parameters, 'output.weight');
  const numbers = {
    parameters: createLayout(parameters).length,
    states: every * wide * model.layers,
    gates: every * wide * gates * model.layers + pairs * model.layers,
    answers,
    inputs: every * model.embeddingSize,
  };
  return { numbers, largest: Math.max(numbers.parameters, every * wide * (gates + 1), pairs, answers) };
}

/** Whether the layers of a trial run by fused kernels on an engine of this code path. Trees have no layers over steps. */
const isFused = ({ task, model }: TrialSpec, codePath: string): boolean =>
  codePath !== 'composite' &&
  cells[model.cell].isFused &&
  tasks[task.kind].reads !== 'trees' &&
  model.zoneout === 0 &&
  runsByKernel(getCell(model), model.recurrentDropout > 0);

/**
 * What a lane of a trial takes: parameters, the optimizer's memory of them, and the activations of one window. A pure
 * function of the trial, the sizes of its data and the code path of the engine (`avx512`, …, `wgsl`, `composite`). Within a
 * sixth of what is measured for a language model on fused kernels; of all else more than is measured, up to three times.
 */
export function laneMemory(spec: TrialSpec, data: PreparedData, codePath: string): LaneMemory {
  const { numbers, largest } = countNumbers(spec, data);
  const times = held[codePath === 'wgsl' ? 'gpu' : 'processor'][isFused(spec, codePath) ? 'fused' : 'taped'];
  const all = (Object.keys(numbers) as (keyof Numbers)[]).reduce((sum, name) => sum + times[name] * numbers[name], 0);
  return { bytes: 4 * all, largest: 4 * largest };
}

/** Part of the device's memory that lanes may take: an estimate is one, and others use the device too. */
const usablePart = 0.8;
/** Lanes beyond which a device gains nothing: a processor is busy with a few. */
const mostUseful = { processor: 16, gpu: 256 };

/**
 * Lanes of such trials that a trainer may train side by side at most, one of `trainers` on the device; `wanted`: no more
 * than that, whatever the device would gain by. 1 even where none fits.
 */
export function lanesThatFit(
  { bytes, largest }: LaneMemory,
  { room, synchronous }: Pick<Engine, 'room' | 'synchronous'>,
  { trainers = 1, wanted }: { trainers?: number; wanted?: number | undefined } = {},
): number {
  const useful = wanted ?? (synchronous ? mostUseful.processor : mostUseful.gpu);
  const fitting = Math.min((usablePart * room.all) / trainers / bytes, room.one / largest, useful);
  return Math.max(1, Math.floor(fitting));
}
