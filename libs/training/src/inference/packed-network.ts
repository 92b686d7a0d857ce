import { layerUnits, type TrialSpec } from '@unroll/contracts';
import { readVectors, type ExampleData, type PreparedData, type Sequences } from '@unroll/datasets';
import type { Packing } from '@unroll/kernels';
import { getCell } from '../nn/cells/cells';
import { packedKernels, type PackedKernels } from '../tensor/packed-kernels';
import type { Answer, Head, SequenceAnswers } from '../tasks/task';
import { getTask, sequenceAnswers } from '../tasks/tasks';
import { PackedMatrix } from './packed-matrix';
import { canPack, PackedLayers, type Values } from './packed-layers';
import { Room } from './room';
import { rowOf, rowsRead, sideBySide, type SideBySide } from './side-by-side';

/** Instruction sets whose kernels multiply 8-bit weights faster than float32. */
const withBytes = new Set(['amx', 'avx512', 'avx2']);

/** How the output layer's numbers become probabilities. */
const activations: Record<Head['gives'], (values: Float32Array, width: number) => void> = {
  class: softmaxRows,
  labels: (values) => values.forEach((value, at) => (values[at] = 1 / (1 + Math.exp(-value)))),
  numbers: () => undefined,
};

/** Sequences that are answered side by side, and steps of all of them: more would leave the caches, and then take too much memory. */
const mostSideBySide = { sequences: 64, steps: 2 ** 14 };

/** Sequences up to which 8-bit weights are faster one by one than float32 side by side. */
const mostInBytes = 2;

/** Layers and the output layer over them. */
interface Packed {
  layers: PackedLayers;
  output: PackedMatrix;
}

/** Reads single sequences of up to `most` steps; without `read` where the layers cannot do so. */
interface Alone {
  most: number;
  read: ReturnType<PackedLayers['sequenceReader']>;
}

/** Steps up to which a single sequence has arrays of its own: their room is kept. */
const mostAlone = 2 ** 11;

/** What is known of a network before its weights are packed. */
interface Source {
  kernels: PackedKernels;
  /** Tokens that it reads; undefined for vectors. */
  vocabulary: number | undefined;
  packing: Packing;
  /** Of one sequence, where it is not kept for more. */
  steps: number;
}

/**
 * A network that is recurrent layers and one output layer, for inference: plain arrays and packed weights, without tensors, which for a
 * single answer would take as long as the arithmetic. The same answers as those of the network in training, up to rounding.
 */
export class PackedNetwork {
  private readonly own: Packed;
  private readonly bias: Float32Array;
  private readonly room = new Room();
  private readonly instructions: string;
  private inFloat32: Packed | undefined;
  private alone: Alone | undefined;

  private constructor(
    private readonly spec: TrialSpec,
    private readonly values: Values,
    private readonly source: Source,
  ) {
    this.instructions = source.kernels.instructionSet();
    this.bias = values('output.bias');
    this.own = this.packedAs(source.packing);
  }

  /**
   * Undefined where the current engine has no kernels for it, or the network is another. `isInt8`: its weights are 8-bit integers. `steps`:
   * how many it reads, where it is not kept for more.
   */
  static open(
    spec: TrialSpec,
    data: PreparedData,
    values: Values,
    { isInt8 = false, steps = Infinity } = {},
  ): PackedNetwork | undefined {
    return PackedNetwork.opener(spec, data)?.(values, { isInt8, steps });
  }

  /** What `open` does for networks of these trials whose weights come later; undefined where it gives none. */
  static opener(
    spec: TrialSpec,
    data: PreparedData,
  ): ((values: Values, how: { isInt8?: boolean; steps: number }) => PackedNetwork) | undefined {
    const kernels = packedKernels();
    if (!kernels || data.kind === 'trees' || !getTask(spec.task.kind).head || !canPack(spec.model)) return undefined;
    if (data.kind === 'examples' && !sequenceAnswers(spec, data)) return undefined;
    const vocabulary = data.kind === 'tokens' ? data.vocabulary.length : data.inputVocabulary?.length;
    return (values, { isInt8 = false, steps }) => {
      const packing = isInt8 && withBytes.has(kernels.instructionSet()) ? 'int8' : 'float32';
      return new PackedNetwork(spec, values, { kernels, vocabulary, packing, steps });
    };
  }

  /** How its weights are kept, which the products of one sequence are computed in. */
  get packing(): Packing {
    return this.source.packing;
  }

  /** Whether it is packed for the instructions in use. */
  get isCurrent(): boolean {
    return this.source.kernels.instructionSet() === this.instructions;
  }

  /** The states of a text that has not begun: first by state, then by layer and direction. */
  zeroStates(): Float32Array[][] {
    return this.own.layers.zeroStates();
  }

  /** Reads tokens, and changes the states in place. The logits of the token after the last, valid until the next call. */
  logits(tokens: readonly number[], states: Float32Array[][]): Float32Array {
    const { layers } = this.own;
    const outputs = layers.run(Int32Array.from(tokens), states);
    return this.linear(this.own, 1, outputs.subarray((tokens.length - 1) * layers.width));
  }

  /**
   * Writes a text that has not begun: a function of the next token that gives the logits of the one after it, valid until the next call.
   */
  writer(): (token: number) => Float32Array {
    const { layers, output } = this.own;
    const states = this.zeroStates();
    return layers.reader(output, this.bias) ?? ((token) => this.logits([token], states));
  }

  /** The states after tokens, of which no logits are needed. */
  absorb(tokens: readonly number[], states: Float32Array[][]): void {
    this.own.layers.run(Int32Array.from(tokens), states);
  }

  /** The answers to the validation part, in its order; undefined where one of its sequences is empty. */
  answers(data: ExampleData): Answer[] | undefined {
    const { inputs, count } = data.validation;
    if (count === 1) {
      const alone = this.answerAlone(data);
      if (alone) return [alone];
    }
    const lengths = Int32Array.from(
      { length: count },
      (_, index) => inputs.offsets[index + 1]! - inputs.offsets[index]!,
    );
    if (lengths.includes(0)) return undefined;
    const how = sequenceAnswers(this.spec, data)!;
    const packed = count <= mostInBytes ? this.own : this.several;
    const all: Answer[] = [];
    for (const part of sideBySide(lengths, mostSideBySide)) {
      const values = this.valuesOf(packed, how.reads, inputs, part);
      part.sequences.forEach((index, place) => {
        const length = part.lengths[place]!;
        all[index] = how.read(valuesAt(values, this.bias.length, how.reads, part, place), { index, length });
      });
    }
    return all;
  }

  /** The answer to the only sequence, by one call of the kernels; undefined for one that takes several, and for an empty one. */
  private answerAlone(data: ExampleData): Answer | undefined {
    const { inputs } = data.validation;
    const how = sequenceAnswers(this.spec, data)!;
    const length = inputs.offsets[1]! - inputs.offsets[0]!;
    if (how.reads !== 'last' || length === 0 || length > mostAlone) return undefined;
    if (!this.alone || length > this.alone.most) {
      const most = 2 ** Math.ceil(Math.log2(length));
      this.alone = { most, read: this.own.layers.sequenceReader(most, this.own.output, this.bias) };
    }
    const own = this.alone.read?.(
      inputs.kind === 'tokens'
        ? new Int32Array(inputs.ids.subarray(inputs.offsets[0], inputs.offsets[1]))
        : readVectors(inputs, 0),
    );
    if (!own) return undefined;
    const values = own.slice();
    this.activate(values);
    return how.read(values, { index: 0, length });
  }

  private activate(values: Float32Array): void {
    activations[getTask(this.spec.task.kind).head!.gives](values, this.bias.length);
  }

  /** For several sequences: side by side, float32 is faster. */
  private get several(): Packed {
    if (this.packing === 'float32') return this.own;
    return (this.inFloat32 ??= this.packedAs('float32'));
  }

  private packedAs(packing: Packing): Packed {
    const { spec, values } = this;
    const { kernels, vocabulary, steps } = this.source;
    const ofLayers: Values = (name) => values(`recurrent.${name}`);
    const table = vocabulary === undefined ? undefined : values('embedding.weight');
    const columns = getCell(spec.model).gates * layerUnits(spec.model)[0]!.width;
    const inputs = table ? table.length / vocabulary! : values('recurrent.weight_ih_l0').length / columns;
    const layers = new PackedLayers(kernels, spec.model, ofLayers, inputs, table, { packing, steps });
    const isTied = table !== undefined && spec.model.tieWeights;
    const matrix = isTied ? transposed(table, inputs, layers.width) : values('output.weight');
    const shape = { k: layers.width, gates: 1, units: this.bias.length, packing };
    return { layers, output: new PackedMatrix(kernels, matrix, shape) };
  }

  /** What the output layer gives, activated: of each sequence, or of each row. */
  private valuesOf(packed: Packed, reads: SequenceAnswers['reads'], inputs: Sequences, part: SideBySide): Float32Array {
    const outputs = packed.layers.runSideBySide(rowsRead(inputs, part), part.counts);
    const read = reads === 'steps' ? outputs : this.pooled(packed, reads, outputs, part);
    const values = this.linear(packed, read.length / packed.layers.width, read);
    this.activate(values);
    return values;
  }

  private linear({ output }: Packed, rows: number, x: Float32Array): Float32Array {
    const out = this.room.floats('output', rows * this.bias.length);
    output.multiply(rows, x, this.bias, out);
    return out;
  }

  /** As lastOutput and meanOutput of nn/pooling.ts: [sequence, width]. */
  private pooled(
    { layers: { width } }: Packed,
    how: 'last' | 'mean',
    outputs: Float32Array,
    part: SideBySide,
  ): Float32Array {
    const out = this.room.zeros('pooled', part.sequences.length * width);
    const own = (place: number, step: number): Float32Array => {
      const row = rowOf(part, place, step);
      return outputs.subarray(row * width, (row + 1) * width);
    };
    part.lengths.forEach((length, place) => {
      const to = out.subarray(place * width, (place + 1) * width);
      if (how === 'last') {
        to.set(own(place, length - 1));
        if (this.spec.model.bidirectional) to.set(own(place, 0).subarray(width / 2), width / 2);
        return;
      }
      for (let step = 0; step < length; step++) {
        const from = rowOf(part, place, step) * width;
        for (let unit = 0; unit < width; unit++) to[unit]! += outputs[from + unit]!;
      }
      for (let unit = 0; unit < width; unit++) to[unit]! /= length;
    });
    return out;
  }
}

/** Those of the sequence at `place`. */
function valuesAt(
  values: Float32Array,
  width: number,
  reads: SequenceAnswers['reads'],
  part: SideBySide,
  place: number,
): Float32Array {
  if (reads !== 'steps') return values.slice(place * width, (place + 1) * width);
  const own = new Float32Array(part.lengths[place]! * width);
  for (let step = 0; step < part.lengths[place]!; step++) {
    const row = rowOf(part, place, step);
    own.set(values.subarray(row * width, (row + 1) * width), step * width);
  }
  return own;
}

/** Rows of `width` numbers as probabilities, in place. */
function softmaxRows(values: Float32Array, width: number): void {
  for (let begin = 0; begin < values.length; begin += width) {
    let [most, sum] = [-Infinity, 0];
    for (let at = begin; at < begin + width; at++) most = Math.max(most, values[at]!);
    for (let at = begin; at < begin + width; at++) sum += values[at] = Math.exp(values[at]! - most);
    for (let at = begin; at < begin + width; at++) values[at]! /= sum;
  }
}

/** A table [rows, width] as [to, rows], the rows beyond its width 0. */
function transposed(table: Float32Array, width: number, to: number): Float32Array {
  const rows = table.length / width;
  const out = new Float32Array(to * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++) out[column * rows + row] = table[row * width + column]!;
  return out;
}
