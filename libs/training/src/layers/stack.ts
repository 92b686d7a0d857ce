import type { Cell } from '../cells/cell';
import { tf, type Tensor } from '../engines/tfjs';
import { linear } from './linear';
import { lookup } from './lookup';
import { recurrentLayer } from './recurrent';

/** x·W + b for a first layer: weight [lane, inputs, columns], bias [lane, 1, columns] → [lane, time, batch, columns]. */
export type Input = (weight: Tensor, bias: Tensor) => Tensor;

/** Vectors x [lane, time, batch, inputs] as the input. */
export const denseInput =
  (x: Tensor): Input =>
  (weight, bias) => {
    const [lanes, steps, batch, inputs] = x.shape as [number, number, number, number];
    const product = linear(tf.reshape(x, [lanes, steps * batch, inputs]), weight, bias);
    return tf.reshape(product, [lanes, steps, batch, weight.shape[2]!]);
  };

/**
 * Tokens as the input: ids int32 [lane, time, batch], rows of `table` [lane, vocabulary, embedding]. Where the vocabulary is
 * smaller than the number of tokens, the table is projected and its rows are taken, rather than the other way round: the
 * same numbers with fewer products. Depends on the shapes of a lane alone.
 */
export const tokenInput =
  (table: Tensor, ids: Tensor): Input =>
  (weight, bias) => {
    const [lanes, steps, batch] = ids.shape as [number, number, number];
    const flat = tf.reshape(ids, [lanes, steps * batch]);
    const projected =
      table.shape[1]! < steps * batch
        ? lookup(linear(table, weight, bias), flat)
        : linear(lookup(table, flat), weight, bias);
    return tf.reshape(projected, [lanes, steps, batch, weight.shape[2]!]);
  };

export interface Stack {
  cell: Cell;
  layers: number;
  bidirectional: boolean;
  /** By PyTorch's names without a prefix (weight_hh_l0, …), in our layout: matrices transposed, with a leading lane axis. */
  parameters: (name: string) => Tensor;
}

export interface StackResult {
  /** The last layer's h, both directions side by side; [lane, time, batch, directions·hidden]. */
  outputs: Tensor;
  /** The final states: first by state (h, c), then by layer and direction; each [lane, batch, hidden]. */
  states: Tensor[][];
}

/**
 * Recurrent layers, each reading the one below; torch.nn.RNN/LSTM/GRU without dropout. `states` are the initial ones in the
 * order of the result's; `valid` bool [lane, time, batch] where not all steps count.
 */
export function recurrentStack(
  { cell, layers, bidirectional, parameters }: Stack,
  first: Input,
  states: readonly (readonly Tensor[])[],
  options: { valid?: Tensor | undefined; training: boolean },
): StackResult {
  const suffixes = bidirectional ? ['', '_reverse'] : [''];
  const final: Tensor[][] = Array.from({ length: cell.states }, () => []);
  let input = first;
  let outputs: Tensor | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const directions = suffixes.map((suffix, direction) => {
      const named = (name: string): Tensor => parameters(`${name}_l${layer}${suffix}`);
      const [inputBias, recurrentBias] = [named('bias_ih'), named('bias_hh')]; // [lane, 1, gates·hidden]
      const result = recurrentLayer(
        cell,
        {
          projected: input(
            named('weight_ih'),
            cell.separateRecurrentBias ? inputBias : tf.add(inputBias, recurrentBias),
          ),
          kernel: named('weight_hh'),
          bias: cell.separateRecurrentBias ? recurrentBias : undefined,
          states: states.map((each) => each[layer * suffixes.length + direction]!),
          valid: options.valid,
        },
        { reverse: direction === 1, training: options.training },
      );
      result.states.forEach((state, index) => final[index]!.push(state));
      return result.outputs;
    });
    outputs = directions.length > 1 ? tf.concat(directions, 3) : directions[0]!;
    input = denseInput(outputs);
  }
  return { outputs: outputs!, states: final };
}
