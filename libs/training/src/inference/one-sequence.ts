import type { TrialSpec } from '@unroll/contracts';
import { readVectors, type ExampleData, type PreparedData } from '@unroll/datasets';
import type { Packing } from '@unroll/kernels';
import { packedKernels, type PackedKernels } from '../tensor/packed-kernels';
import type { Named } from '../nn/parameter';
import type { Answer, Head, SequenceAnswers } from '../tasks/task';
import { getTask, sequenceAnswers } from '../tasks/tasks';
import { PackedMatrix } from './packed-matrix';
import { canPack, PackedLayers, type Steps, type Values } from './packed-layers';
import { Room } from './room';

/** Instruction sets whose kernels multiply 8-bit weights faster than float32. */
const withBytes = new Set(['amx', 'avx512', 'avx2']);

/** What it is made with, and the number of steps that it is made for. */
interface Made {
  kernels: PackedKernels;
  vocabulary: number | undefined;
  packing: Packing;
  steps: number;
}

/** How the output layer's numbers become probabilities. */
const activations: Record<Head['gives'], (values: Float32Array, width: number) => void> = {
  class: softmaxRows,
  labels: (values) => values.forEach((value, at) => (values[at] = 1 / (1 + Math.exp(-value)))),
  numbers: () => undefined,
};

/**
 * A network that is recurrent layers and one output layer, for one sequence at a time: plain arrays and packed weights, without tensors,
 * which for a single answer would take as long as the arithmetic. The same answers as those of a batch, up to rounding.
 */
export class OneSequence {
  private readonly layers: PackedLayers;
  private readonly output: PackedMatrix;
  private readonly bias: Float32Array;
  private readonly room = new Room();
  /** How its weights are kept, which its products are computed in. */
  readonly packing: Packing;
  private readonly kernels: PackedKernels;
  private readonly instructions: string;

  private constructor(
    private readonly spec: TrialSpec,
    parameters: Named,
    { kernels, vocabulary, packing, steps }: Made,
  ) {
    const { model } = spec;
    this.packing = packing;
    this.kernels = kernels;
    this.instructions = kernels.instructionSet();
    const values: Values = (name) => parameters(name).dataSync<'float32'>();
    const ofLayers: Values = (name) => values(`recurrent.${name}`);
    const table = vocabulary === undefined ? undefined : values('embedding.weight');
    const inputs = table ? table.length / vocabulary! : parameters('recurrent.weight_ih_l0').shape[1]!;
    this.layers = new PackedLayers(kernels, model, ofLayers, inputs, table, { packing, steps });
    this.bias = values('output.bias');
    const isTied = table !== undefined && model.tieWeights;
    const matrix = isTied ? transposed(table, inputs, this.layers.width) : values('output.weight');
    this.output = new PackedMatrix(kernels, matrix, {
      ...{ k: this.layers.width, gates: 1, units: this.bias.length, packing },
    });
  }

  /**
   * Undefined where the current engine has no kernels for it, or the network is another. `isInt8`: its weights are 8-bit integers. `steps`:
   * how many it reads, where it is not kept for more.
   */
  static open(
    spec: TrialSpec,
    data: PreparedData,
    parameters: Named,
    { isInt8 = false, steps = Infinity } = {},
  ): OneSequence | undefined {
    const kernels = packedKernels();
    if (!kernels || data.kind === 'trees' || !getTask(spec.task.kind).head || !canPack(spec.model)) return undefined;
    if (data.kind === 'examples' && !sequenceAnswers(spec, data)) return undefined;
    const packing = isInt8 && withBytes.has(kernels.instructionSet()) ? 'int8' : 'float32';
    const vocabulary = data.kind === 'tokens' ? data.vocabulary.length : data.inputVocabulary?.length;
    return new OneSequence(spec, parameters, { kernels, vocabulary, packing, steps });
  }

  /** Whether it is packed for the instructions in use. */
  get isCurrent(): boolean {
    return this.kernels.instructionSet() === this.instructions;
  }

  /** The states of a text that has not begun: first by state, then by layer and direction. */
  zeroStates(): Float32Array[][] {
    return this.layers.zeroStates();
  }

  /** Reads tokens, and changes the states in place. The logits of the token after the last, valid until the next call. */
  logits(tokens: readonly number[], states: Float32Array[][]): Float32Array {
    const { width } = this.layers;
    const outputs = this.layers.run(Int32Array.from(tokens), states);
    return this.linear(1, outputs.subarray((tokens.length - 1) * width));
  }

  /** The states after tokens, of which no logits are needed. */
  absorb(tokens: readonly number[], states: Float32Array[][]): void {
    this.layers.run(Int32Array.from(tokens), states);
  }

  /** The answers to the validation part; undefined where one of its sequences is empty. */
  answers(data: ExampleData): Answer[] | undefined {
    const { inputs, count } = data.validation;
    const { offsets } = inputs;
    const answers = sequenceAnswers(this.spec, data)!;
    const all: Answer[] = [];
    for (let index = 0; index < count; index++) {
      const [begin, end] = [offsets[index]!, offsets[index + 1]!];
      if (begin === end) return undefined;
      const read =
        inputs.kind === 'tokens' ? Int32Array.from(inputs.ids.subarray(begin, end)) : readVectors(inputs, index);
      all.push(this.answer(answers, read, { index, length: end - begin }));
    }
    return all;
  }

  private answer({ reads, read }: SequenceAnswers, steps: Steps, place: { index: number; length: number }): Answer {
    const outputs = this.layers.run(steps, this.layers.zeroStates());
    const values =
      reads === 'steps'
        ? this.linear(place.length, outputs)
        : this.linear(1, this.pooled(reads, outputs, place.length));
    const { head } = getTask(this.spec.task.kind);
    activations[head!.gives](values, this.bias.length);
    return read(values, place);
  }

  private linear(rows: number, x: Float32Array): Float32Array {
    const out = this.room.floats('output', rows * this.bias.length);
    this.output.multiply(rows, x, this.bias, out);
    return out;
  }

  /** As lastOutput and meanOutput of nn/pooling.ts. */
  private pooled(how: 'last' | 'mean', outputs: Float32Array, steps: number): Float32Array {
    const { width } = this.layers;
    const last = (steps - 1) * width;
    if (how === 'last' && !this.spec.model.bidirectional) return outputs.subarray(last);
    const out = this.room.floats('pooled', width);
    if (how === 'last') {
      out.set(outputs.subarray(last));
      out.set(outputs.subarray(width / 2, width), width / 2);
      return out;
    }
    out.fill(0);
    for (let step = 0; step < steps; step++)
      for (let unit = 0; unit < width; unit++) out[unit]! += outputs[step * width + unit]!;
    for (let unit = 0; unit < width; unit++) out[unit]! /= steps;
    return out;
  }
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
