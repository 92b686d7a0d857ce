import { layerUnits, residualLayers, type ModelSpec } from '@unroll/contracts';
import type { Packing, RecurrentPacked } from '@unroll/kernels';
import { getArchitecture } from '../nn/architectures';
import type { Cell } from '../nn/cells/cell';
import { cells, getCell } from '../nn/cells/cells';
import { recurrent } from '../nn/recurrent-body';
import { directionSuffixes } from '../nn/recurrent-parameters';
import type { PackedKernels } from '../tensor/packed-kernels';
import { PackedMatrix } from './packed-matrix';
import { Room } from './room';

/** Parameters in our layout, without a lane axis. */
export type Values = (name: string) => Float32Array;

/** What the first layer reads: rows [steps, numbers], or the numbers of rows of a table. */
export type Steps = Float32Array | Int32Array;

/** The fused kernel of layer normalisation: its gates see statistics of all units, which packed kernels do not compute. */
const normalised = cells.get('layer-norm-lstm')!.fused;

/** Whether a network's layers can be packed: plain recurrent ones of a cell with a fused kernel, which begin with states of 0. */
export const canPack = (model: ModelSpec): boolean =>
  getArchitecture(model) === recurrent &&
  getCell(model).fused !== undefined &&
  getCell(model).fused !== normalised &&
  !model.batchNorm &&
  !model.learnedInitialState &&
  model.zoneout === 0;

/** A direction of a layer. */
interface Direction {
  hidden: number;
  reverse: boolean;
  weight: PackedMatrix;
  shift: Float32Array;
  kernel: PackedMatrix;
  bias: Float32Array | undefined;
  own: Float32Array | undefined;
  /** x·W + b of all rows of a table that the first layer reads; undefined for vectors, and for a table too large. */
  projected: Float32Array | undefined;
}

/** What a direction reads, as the kernel takes it. */
type LayerInput = Pick<RecurrentPacked, 'projected' | 'inputs' | 'x' | 'weight' | 'shift'>;

/** One direction's part of a pass. */
interface Run {
  steps: number;
  input: LayerInput;
  states: readonly Float32Array[];
  /** Where its outputs begin, and how far the steps are apart. */
  begin: number;
  stride: number;
}

/** Up to so many steps, or numbers of a step, one product of all steps costs more than reading the weights with each. */
const [fewSteps, fewInputs] = [4, 32];

/** Numbers of a projected table that are kept. */
const mostProjected = 2 ** 22;

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
};

const added = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, index) => value + b[index]!);

/**
 * The recurrent layers of a network, for one sequence at a time: their weights are packed once, and nothing but arrays is made for a call.
 * The same numbers as `recurrentStack`, up to rounding.
 */
export class PackedLayers {
  private readonly cell: Cell;
  private readonly layers: readonly (readonly Direction[])[];
  private readonly adds: readonly boolean[];
  private readonly room = new Room();

  /**
   * `inputs`: numbers of a step. `table`: rows [n, inputs] that steps name; undefined where steps are vectors. `steps`: how many it is made
   * for.
   */
  constructor(
    private readonly kernels: PackedKernels,
    model: ModelSpec,
    values: Values,
    private readonly inputs: number,
    private readonly table: Float32Array | undefined,
    { packing, steps }: { packing: Packing; steps: number },
  ) {
    this.cell = getCell(model);
    this.adds = model.residual ? residualLayers(model) : [];
    const suffixes = directionSuffixes(model);
    let width = inputs;
    this.layers = layerUnits(model).map(({ width: hidden }, layer) => {
      const below = width;
      width = suffixes.length * hidden;
      return suffixes.map((suffix, direction) => {
        const named: Values = (name) => values(`${name}_l${layer}${suffix}`);
        const made = this.direction(named, { below, hidden, reverse: direction === 1, packing });
        return layer === 0 && table && table.length <= steps * inputs
          ? { ...made, projected: this.projectTable(table, made) }
          : made;
      });
    });
  }

  /** Numbers that the top layer gives for a step. */
  get width(): number {
    const top = this.layers.at(-1)!;
    return top.length * top[0]!.hidden;
  }

  /** The states before the first step: first by state, then by layer and direction. */
  zeroStates(): Float32Array[][] {
    const places = this.layers.flat();
    return Array.from({ length: this.cell.states }, () => places.map(({ hidden }) => new Float32Array(hidden)));
  }

  /** Reads steps, and changes `states` in place. The outputs of the top layer [steps, width], valid until the next call. */
  run(read: Steps, states: readonly (readonly Float32Array[])[]): Float32Array {
    const steps = read instanceof Int32Array ? read.length : read.length / this.inputs;
    let below: Float32Array | undefined;
    this.layers.forEach((directions, layer) => {
      const width = directions.length * directions[0]!.hidden;
      const outputs = this.room.floats(layer % 2 === 0 ? 'even' : 'odd', steps * width);
      directions.forEach((direction, which) => {
        const place = layer * directions.length + which;
        const own = states.map((each) => each[place]!);
        const input = below ? this.project(direction, steps, below) : this.projectFirst(direction, read, steps);
        const begin = which * direction.hidden;
        this.runDirection(direction, { steps, input, states: own, begin, stride: width }, outputs);
      });
      if (below && this.adds[layer]) for (let at = 0; at < outputs.length; at++) outputs[at]! += below[at]!;
      below = outputs;
    });
    return below!;
  }

  private direction(
    named: Values,
    { below, hidden, reverse, packing }: { below: number; hidden: number; reverse: boolean; packing: Packing },
  ): Direction {
    const { cell, kernels } = this;
    const columns = cell.gates * hidden;
    const [input = new Float32Array(columns), recurrentBias] = ['bias_ih', 'bias_hh'].slice(0, cell.biases).map(named);
    const isSeparate = cell.separateRecurrentBias;
    const sizes = { gates: cell.gates, units: hidden, packing };
    return {
      ...{ hidden, reverse },
      weight: new PackedMatrix(kernels, named('weight_ih'), { k: below, ...sizes }),
      shift: recurrentBias && !isSeparate ? added(input, recurrentBias) : input,
      kernel: new PackedMatrix(kernels, named('weight_hh'), { k: hidden, ...sizes }),
      bias: isSeparate ? recurrentBias : undefined,
      own: cell.own && joined(cell.own.map(({ name }) => named(name))),
      projected: undefined,
    };
  }

  private projectTable(table: Float32Array, { weight, shift }: Direction): Float32Array | undefined {
    const rows = table.length / this.inputs;
    if (rows * weight.columns > mostProjected) return undefined;
    const out = new Float32Array(rows * weight.columns);
    weight.multiply(rows, table, shift, out);
    return out;
  }

  /** x·W + b of all steps, or what it is of: for few steps or inputs, the product of each step comes with its own arithmetic. */
  private project({ weight, shift }: Direction, steps: number, x: Float32Array): LayerInput {
    const { k } = weight.shape;
    if (steps <= fewSteps || k <= fewInputs) return { inputs: k, x, weight: weight.packed, shift };
    const projected = this.room.floats('projected', steps * weight.columns);
    weight.multiply(steps, x, shift, projected);
    return { projected };
  }

  private projectFirst(direction: Direction, read: Steps, steps: number): LayerInput {
    if (read instanceof Float32Array) return this.project(direction, steps, read);
    const { projected, weight } = direction;
    if (!projected) return this.project(direction, steps, this.rows(this.table!, this.inputs, read, 'embedded'));
    const [only] = read;
    return {
      projected:
        steps === 1
          ? projected.subarray(only! * weight.columns, (only! + 1) * weight.columns)
          : this.rows(projected, weight.columns, read, 'projected'),
    };
  }

  private rows(table: Float32Array, width: number, ids: Int32Array, name: 'embedded' | 'projected'): Float32Array {
    const out = this.room.floats(name, ids.length * width);
    this.kernels.gather({ count: ids.length, rows: table.length / width, width, table, ids, out });
    return out;
  }

  private runDirection(
    { hidden, reverse, kernel, bias, own }: Direction,
    { steps, input, states, begin, stride }: Run,
    outputs: Float32Array,
  ): void {
    const [h, ...others] = states;
    // The kernel has all but h side by side.
    const c = others.length > 1 ? joined(others) : others[0];
    const { projected, inputs, x, weight, shift } = input;
    // One form of object for all calls, without spreading others: the call takes as long as the layer.
    this.kernels.recurrentPacked({
      cell: this.cell.fused!,
      packing: kernel.shape.packing,
      steps,
      hidden,
      reverse,
      projected,
      inputs,
      x,
      weight,
      shift,
      kernel: kernel.packed,
      bias,
      own,
      outputs: outputs.subarray(begin, (steps - 1) * stride + begin + hidden),
      stride,
      h: h!,
      c,
    });
    if (others.length > 1) others.forEach((each, index) => each.set(c!.subarray(index * hidden, (index + 1) * hidden)));
  }
}
