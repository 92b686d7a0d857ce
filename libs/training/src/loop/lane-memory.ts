import {
  cells,
  layerUnits,
  memoryClasses,
  tasks,
  type DeviceMemory,
  type LaneNeeds,
  type MemoryClass,
  type ModelSpec,
  type TrialSpec,
} from '@unroll/contracts';
import type { PreparedData, Sequences } from '@unroll/datasets';
import { mostOfHead } from '@unroll/kernels';
import { getArchitecture } from '../nn/architectures';
import type { Engine } from '../backends/engine/engine';
import { getCell } from '../nn/cells/cells';
import { createLayout } from '../nn/layout';
import { recomputedSteps } from '../nn/recomputed';
import { runsByKernel } from '../nn/recurrent';
import { directionSuffixes, stateAxes } from '../nn/recurrent-parameters';
import { breadth, logicalShape, type Axis, type Parameter } from '../nn/parameter';
import { sequenceLengths } from '../batches/example-batches';
import { bucketLength } from '../batches/example-order';
import { taskParameters } from '../tasks/tasks';

/** Bytes that one lane takes while an update is computed: in all, at the very least, and its part of the largest tensor. */
export interface LaneMemory {
  bytes: number;
  least: number;
  largest: number;
}

/** A network that no training on this machine can hold. The message is one line. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Numbers of one lane's update, and how often each is held at once. */
type Numbers = Record<'parameters' | 'states' | 'carried' | 'gates' | 'answers' | 'inputs', number>;

type Held = 'fused' | 'attending' | 'scanning' | 'taped';

/**
 * How many times each number is held, fitted to what updates of language models were measured to take (lane-memory.spec.ts
 * measures again). On a processor: the most that is alive at once. On a GPU: all that an update makes, since TensorFlow.js'
 * WebGPU backend reuses nothing before the submission, and an update is one submission. `attending`: layers of a transformer by
 * kernels. `scanning`: layers whose states a kernel computes, among operations that are recorded; on a GPU estimated as if all were.
 * `taped`: layers without a fused kernel, of which every operation keeps its result. `carried`: what states have beyond a number for each
 * unit, such as matrices, once for all steps.
 */
const held: Record<'processor' | 'gpu', Record<Held, Numbers>> = {
  processor: {
    fused: { parameters: 6.2, states: 3, carried: 6, gates: 6.7, answers: 2, inputs: 1 },
    attending: { parameters: 7, states: 12, carried: 6, gates: 3.7, answers: 2, inputs: 1 },
    scanning: { parameters: 8.5, states: 3.5, carried: 6, gates: 13.5, answers: 9, inputs: 15 },
    taped: { parameters: 17, states: 7, carried: 12, gates: 27, answers: 18, inputs: 30 },
  },
  gpu: {
    fused: { parameters: 9.8, states: 12.3, carried: 12.3, gates: 14, answers: 6, inputs: 5.8 },
    attending: { parameters: 9.8, states: 12.3, carried: 12.3, gates: 2, answers: 6, inputs: 5.8 },
    scanning: { parameters: 16, states: 19, carried: 19, gates: 74, answers: 33, inputs: 15 },
    taped: { parameters: 16, states: 19, carried: 19, gates: 74, answers: 33, inputs: 15 },
  },
};

/** The same on a processor for fused layers that are computed again: the gates of one segment of the widest layer. */
const heldRecomputed: Numbers = { parameters: 6.2, states: 4, carried: 6, gates: 9.5, answers: 2, inputs: 1 };

/** Copies of the parameters that every training holds: themselves, their gradient, and those kept at the best report. */
const fewestCopies = 3;
/** By how much the estimate of all else may be too large. */
const mostOverestimated = 3;

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

/** Steps whose gates are held at once where they are computed again. */
const segmentSteps = ({ training: { bptt } }: TrialSpec, steps: number): number =>
  typeof bptt === 'number' && bptt < steps ? bptt : recomputedSteps(steps);

/** The rows of a parameter whose name ends so, 0 where there is none. */
const countRows = (parameters: readonly Parameter[], name: string): number =>
  parameters.filter((each) => each.name.endsWith(name)).reduce((sum, each) => sum + logicalShape(each)[0]!, 0);

/** Numbers of the states of a row of a layer beyond one for each unit and state, such as the matrices of heads. */
function carriedOf(model: ModelSpec, units: Omit<Axis, 'blocks'>): number {
  if (getArchitecture(model).attendsToSteps) return 0;
  const widths = stateAxes(model, units).map(breadth);
  return Math.max(0, widths.reduce((sum, width) => sum + width, 0) - widths.length * units.width);
}

function countNumbers(
  spec: TrialSpec,
  data: PreparedData,
  { as, isRecomputed }: { as: Held; isRecomputed: boolean },
): { numbers: Numbers; largest: number } {
  const { model, training, task } = spec;
  const parameters = taskParameters(spec, data);
  const steps = countSteps(spec, data);
  const architecture = getArchitecture(model);
  const gates = architecture.gates(model);
  const directions = directionSuffixes(model).length;
  const widths = layerUnits(model).map(({ width }) => width * directions);
  const [all, widest] = [widths.reduce((sum, width) => sum + width, 0), Math.max(...widths)];
  const every = steps * training.batchSize;
  // Of a layer at a time, where its gates are computed again.
  const gated = isRecomputed ? segmentSteps(spec, steps) * training.batchSize * widest : every * all;
  // A weight for each pair of steps, which kernels do not keep.
  const perStep = architecture.attendsToSteps ? steps * model.heads : (architecture.weightsOfSteps?.(model) ?? 0);
  const pairs = as === 'taped' ? every * perStep : 0;
  const carried = layerUnits(model).map((units) => training.batchSize * carriedOf(model, units));
  const answers =
    (tasks[task.kind].answers === 'once' ? training.batchSize : every) * countRows(parameters, 'output.bias');
  const numbers = {
    parameters: createLayout(parameters).length,
    states: every * all,
    carried: directions * carried.reduce((sum, numbers) => sum + numbers, 0),
    gates: gated * gates + pairs * widths.length * directions,
    answers,
    inputs: every * model.embeddingSize,
  };
  const ofLayer = isRecomputed ? Math.max(every * widest, gated * gates) : every * widest * (gates + 1);
  return { numbers, largest: Math.max(numbers.parameters, ofLayer, pairs, answers, ...carried) };
}

/** How the layers of a trial run on an engine of this code path. Trees on a GPU have not been measured: as if all were recorded. */
function heldAs({ task, model }: TrialSpec, codePath: string): Held {
  if (codePath === 'composite') return 'taped';
  const isOnGpu = codePath === 'wgsl';
  if (tasks[task.kind].reads === 'trees') return isOnGpu ? 'taped' : 'fused';
  if (getArchitecture(model).attendsToSteps)
    return isOnGpu && model.hiddenSize / model.heads > mostOfHead ? 'taped' : 'attending';
  // Shaders read four units at a time.
  const isWhole = !isOnGpu || layerUnits(model).every(({ width }) => width % 4 === 0);
  const cell = getCell(model);
  if (isWhole && model.zoneout === 0 && cells[model.cell].isFused && runsByKernel(cell)) return 'fused';
  if (cell.alwaysScans && cell.mostOfHead !== undefined)
    return isOnGpu && layerUnits(model).some(({ size }) => size / model.heads > cell.mostOfHead!)
      ? 'taped'
      : 'scanning';
  return cell.scan && !cell.alwaysScans ? 'scanning' : 'taped';
}

/**
 * What a lane of a trial takes: parameters, the optimizer's memory of them, and the activations of one window. A pure
 * function of the trial, the sizes of its data and the code path of the engine (`avx512`, …, `wgsl`, `composite`). Within a
 * sixth of what is measured for a language model on fused kernels; of all else more than is measured, up to three times.
 */
export function laneMemory(spec: TrialSpec, data: PreparedData, codePath: string): LaneMemory {
  const { parameters, ofParameters, activations, largest } = countHeld(spec, data, codePath);
  const least = fewestCopies * parameters + activations / mostOverestimated;
  return { bytes: 4 * (ofParameters + activations), least: 4 * least, largest: 4 * largest };
}

/** Numbers that a lane holds at once: of its parameters and what belongs to them, and of the rest. */
function countHeld(spec: TrialSpec, data: PreparedData, codePath: string) {
  const as = heldAs(spec, codePath);
  const isOnGpu = codePath === 'wgsl';
  // On a GPU it has not been measured: its estimate is that without.
  const isRecomputed = spec.training.recompute && !isOnGpu;
  const { numbers, largest } = countNumbers(spec, data, { as, isRecomputed });
  const times = isRecomputed && as === 'fused' ? heldRecomputed : held[isOnGpu ? 'gpu' : 'processor'][as];
  const all = (Object.keys(numbers) as (keyof Numbers)[]).reduce((sum, name) => sum + times[name] * numbers[name], 0);
  const ofParameters = times.parameters * numbers.parameters;
  return { parameters: numbers.parameters, ofParameters, activations: all - ofParameters, largest };
}

/**
 * Most bytes of activations of a pass over several lanes, on a processor. Four lanes of 65 MB each hold 240 MB in place of 350, and take
 * 3 to 8 % more time; of small ones, the calls of kernels would take a large part.
 */
const passBytes = 3 * 2 ** 25;

/**
 * How many lanes of such trials an update computes at a time: all on a GPU, which many lanes keep busy. A processor is busy with as many as
 * hide the calls of kernels, and holds the activations of only those.
 */
export function lanesPerPass(
  spec: TrialSpec,
  data: PreparedData,
  { codePath, synchronous }: Pick<Engine, 'codePath' | 'synchronous'>,
): number {
  if (!synchronous) return Infinity;
  return Math.max(1, Math.floor(passBytes / (4 * countHeld(spec, data, codePath).activations)));
}

/** The class of a device, by the code path of its engine. */
export const memoryClassOf = (codePath: string): MemoryClass =>
  codePath === 'wgsl' || codePath === 'composite' ? codePath : 'kernels';

/** What a lane of a trial takes on devices of each class. */
export function laneNeeds(spec: TrialSpec, data: PreparedData): LaneNeeds {
  const each = memoryClasses.map((name) => [name, laneMemory(spec, data, name)] as const);
  const of = (read: (memory: LaneMemory) => number): LaneNeeds['bytes'] =>
    Object.fromEntries(each.map(([name, memory]) => [name, Math.ceil(read(memory))])) as Record<MemoryClass, number>;
  return { bytes: of(({ bytes }) => bytes), least: of(({ least }) => least) };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(3)} GB`;

/**
 * Only for processors: the memory of a GPU may be unknown, and its library says when it is full.
 * @throws TooLarge for a lane that is certain not to fit
 */
export function requireRoom(
  { least, largest }: LaneMemory,
  { room, synchronous }: Pick<Engine, 'room' | 'synchronous'>,
): void {
  if (!synchronous) return;
  const advice = 'make hiddenSize, layers, batchSize or bptt smaller';
  if (least > room.all)
    throw new TooLarge(
      `the network needs at least ${gigabytes(least)} of memory to train, and this device has ${gigabytes(room.all)}: ${advice}`,
    );
  if (largest > room.one)
    throw new TooLarge(
      `the network needs a tensor of ${gigabytes(largest)}, and this device has at most ${gigabytes(room.one)} for one: ${advice}`,
    );
}

/** Part of the device's memory that lanes may take: an estimate is one, and others use the device too. */
const usablePart = 0.8;
/** What an engine tells of its device; the lanes of its trainers may together take `laneRoom`. */
export function deviceMemory({ codePath, room }: Pick<Engine, 'codePath' | 'room'>): DeviceMemory {
  const memoryClass = memoryClassOf(codePath);
  return room.isAssumed ? { memoryClass } : { memoryClass, room: room.all, laneRoom: usablePart * room.all };
}

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
