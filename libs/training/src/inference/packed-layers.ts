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

/** What the first layer reads: rows [rows, numbers], or the numbers of rows of a table. */
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

/** The steps of a pass, and the sequences side by side that have each of them; one sequence without `counts`. */
interface Extent {
  rows: number;
  steps: number;
  batch: number;
  counts: Int32Array | undefined;
}

/** Of a direction: those before a pass, and then those after; h [batch, H] and all others [batch, C·H]. */
interface States {
  h: Float32Array;
  c: Float32Array | undefined;
}

/** One direction's part of a pass. */
interface Run {
  extent: Extent;
  input: LayerInput;
  states: States;
  /** Where its outputs begin, and how far the rows are apart. */
  begin: number;
  stride: number;
}

/**
 * Up to so many rows, one product of all of them costs more than reading the weights with each; and so it does from so many sequences
 * side by side, which read them together. Of one sequence, also up to so many numbers of a row: writing and reading x·W, which threads
 * send one another, takes longer.
 */
const [fewRows, manySequences, fewInputs] = [4, 8, { float32: 16, int8: 32 }];

/** Numbers of a projected table that are kept. */
const mostProjected = 2 ** 22;

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
};

const added = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, index) => value + b[index]!);

/**
 * The recurrent layers of a network, for inference: their weights are packed once, and nothing but arrays is made for a call.
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

  /** Reads one sequence, and changes `states` in place. The outputs of the top layer [steps, width], valid until the next call. */
  run(read: Steps, states: readonly (readonly Float32Array[])[]): Float32Array {
    const [h, ...others] = states;
    // The kernel has all but h side by side.
    const own = h!.map((each, place) => {
      const c = others.map((state) => state[place]!);
      return { h: each, c: c.length > 1 ? joined(c) : c[0] };
    });
    const rows = this.rowsIn(read);
    const outputs = this.through(read, { rows, steps: rows, batch: 1, counts: undefined }, (place) => own[place]!);
    if (others.length > 1)
      own.forEach(({ h: { length }, c }, place) =>
        others.forEach((state, index) => state[place]!.set(c!.subarray(index * length, (index + 1) * length))),
      );
    return outputs;
  }

  /**
   * Reads sequences side by side from states of 0, in the rows of `SideBySide`. The outputs of the top layer [rows, width], valid until
   * the next call.
   */
  runSideBySide(read: Steps, counts: Int32Array): Float32Array {
    const extent = { rows: this.rowsIn(read), steps: counts.length, batch: counts[0]!, counts };
    return this.through(read, extent, (_, hidden) => ({
      h: this.room.zeros('h', extent.batch * hidden),
      c: this.room.zeros('c', extent.batch * hidden * (this.cell.states - 1)),
    }));
  }

  /**
   * Reads a sequence token by token from states of 0: a function of a token that gives `out`, the product of `output` with what the top
   * layer gives, as `run` and a product would, and takes a fraction of their time. Undefined for layers of both directions, and for those
   * that a layer adds to.
   */
  reader(output: PackedMatrix, bias: Float32Array): ((token: number) => Float32Array) | undefined {
    const { kernels, table, inputs } = this;
    if (!table || this.adds.includes(true) || this.layers.some(({ length }) => length > 1)) return undefined;
    const embedded = new Float32Array(inputs);
    let below = embedded;
    const layers = this.layers.map(([only], layer): RecurrentPacked => {
      const { hidden, reverse, weight, shift, kernel, bias: recurrentBias, own, projected } = only!;
      const read =
        layer === 0 && projected ? { projected } : { inputs: below.length, x: below, weight: weight.packed, shift };
      below = new Float32Array(hidden);
      const [cell, packing] = [this.cell.fused!, kernel.shape.packing];
      const states = { h: new Float32Array(hidden), c: new Float32Array(hidden * (this.cell.states - 1)) };
      const sizes = { cell, packing, steps: 1, batch: 1, hidden, stride: hidden, reverse };
      return { ...sizes, ...read, kernel: kernel.packed, bias: recurrentBias, own, outputs: below, ...states };
    });
    const out = new Float32Array(output.columns);
    const rows = layers[0]!.projected && table.length / inputs;
    const run = kernels.bindPacked({ layers, product: output.ofOne(below, bias, out), table: rows });
    return (token) => {
      if (rows === undefined) {
        embedded.set(table.subarray(token * inputs, (token + 1) * inputs));
        run();
      } else run(token);
      return out;
    };
  }

  /**
   * Reads one sequence of up to `most` steps from states of 0: a function of it that gives `out`, the product of `output` with what the top
   * layer's directions give at last, until the next call. Undefined where a layer adds to the one below, and for 8-bit weights whose x·W is
   * one product in float32.
   */
  sequenceReader(most: number, output: PackedMatrix, bias: Float32Array): ((read: Steps) => Float32Array) | undefined {
    const { kernels } = this;
    const isWide = ({ weight: { shape }, projected }: Direction): boolean =>
      !projected && shape.k > fewInputs[shape.packing];
    const isInt8 = output.shape.packing === 'int8';
    if (this.adds.includes(true) || (isInt8 && this.layers.flat().some(isWide))) return undefined;
    const x = new Float32Array(most * this.inputs);
    const states: Float32Array[] = [];
    const firsts: Float32Array[] = [];
    let below = x;
    let last = x;
    const layers = this.layers.flatMap((directions, layer) => {
      const stride = directions.length * directions[0]!.hidden;
      const [read, outputs] = [below, new Float32Array(most * stride)];
      [below, last] = [outputs, new Float32Array(stride)];
      states.push(last);
      return directions.map((direction, which): RecurrentPacked => {
        const { hidden, reverse, weight, shift, kernel, bias: recurrentBias, own, projected } = direction;
        const begin = which * hidden;
        const [h, c] = [last.subarray(begin, begin + hidden), new Float32Array(hidden * (this.cell.states - 1))];
        states.push(c);
        const isRow = layer === 0 && projected !== undefined;
        const room = isRow || isWide(direction) ? new Float32Array(most * weight.columns) : undefined;
        if (isRow) firsts.push(room!);
        return {
          ...{ cell: this.cell.fused!, packing: kernel.shape.packing, steps: most, batch: 1, hidden, reverse, stride },
          ...(isRow ? {} : { inputs: weight.shape.k, x: read, weight: weight.packed, shift }),
          ...{ projected: room, kernel: kernel.packed, bias: recurrentBias, own, h, c },
          outputs: outputs.subarray(begin, (most - 1) * stride + begin + hidden),
        };
      });
    });
    const out = new Float32Array(output.columns);
    const run = kernels.bindPacked({ layers, product: output.ofOne(last, bias, out) });
    return (read) => {
      for (const state of states) state.fill(0);
      this.readInto(x, firsts, read);
      run(this.rowsIn(read));
      return out;
    };
  }

  /** What the first layer reads: x, or of a table that was projected x·W + b of each direction. */
  private readInto(x: Float32Array, projected: readonly Float32Array[], read: Steps): void {
    const { kernels, table, inputs } = this;
    if (read instanceof Float32Array) return x.set(read);
    const [count, rows] = [read.length, table!.length / inputs];
    const gather = (from: Float32Array, width: number, to: Float32Array): void =>
      kernels.gather({ count, rows, width, table: from, ids: read, out: to.subarray(0, count * width) });
    if (projected.length === 0) return gather(table!, inputs, x);
    this.layers[0]!.forEach((direction, which) =>
      gather(direction.projected!, direction.weight.columns, projected[which]!),
    );
  }

  private rowsIn(read: Steps): number {
    return read instanceof Int32Array ? read.length : read.length / this.inputs;
  }

  private through(read: Steps, extent: Extent, statesOf: (place: number, hidden: number) => States): Float32Array {
    let below: Float32Array | undefined;
    this.layers.forEach((directions, layer) => {
      const width = directions.length * directions[0]!.hidden;
      const outputs = this.room.floats(layer % 2 === 0 ? 'even' : 'odd', extent.rows * width);
      directions.forEach((direction, which) => {
        const states = statesOf(layer * directions.length + which, direction.hidden);
        const input = below ? this.project(direction, extent, below) : this.projectFirst(direction, read, extent);
        const begin = which * direction.hidden;
        this.runDirection(direction, { extent, input, states, begin, stride: width }, outputs);
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

  /** x·W + b of all rows, or what it is of where the product of each step comes with its own arithmetic. */
  private project({ weight, shift }: Direction, { rows, batch }: Extent, x: Float32Array): LayerInput {
    const { k, packing } = weight.shape;
    const isNarrow = (packing === 'int8' || batch === 1) && k <= fewInputs[packing];
    if (rows <= fewRows || batch >= manySequences || isNarrow) return { inputs: k, x, weight: weight.packed, shift };
    const projected = this.room.floats('projected', rows * weight.columns);
    weight.multiply(rows, x, shift, projected);
    return { projected };
  }

  private projectFirst(direction: Direction, read: Steps, extent: Extent): LayerInput {
    if (read instanceof Float32Array) return this.project(direction, extent, read);
    const { projected, weight } = direction;
    if (!projected) return this.project(direction, extent, this.rows(this.table!, this.inputs, read, 'embedded'));
    const [only] = read;
    return {
      projected:
        extent.rows === 1
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
    { extent, input, states, begin, stride }: Run,
    outputs: Float32Array,
  ): void {
    const { rows, steps, batch, counts } = extent;
    const { projected, inputs, x, weight, shift } = input;
    // One form of object for all calls, without spreading others: the call takes as long as the layer.
    this.kernels.recurrentPacked({
      cell: this.cell.fused!,
      packing: kernel.shape.packing,
      steps,
      batch,
      hidden,
      reverse,
      counts,
      projected,
      inputs,
      x,
      weight,
      shift,
      kernel: kernel.packed,
      bias,
      own,
      outputs: outputs.subarray(begin, (rows - 1) * stride + begin + hidden),
      stride,
      h: states.h,
      c: states.c,
    });
  }
}
