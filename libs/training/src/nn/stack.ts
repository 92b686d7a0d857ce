import type { Cell } from './cells/cell';
import { tf, type Tensor } from '../tensor/tfjs';
import { addBias, linear, sumOfTwo } from '../functional/linear';
import { lookup } from '../functional/embedding';
import type { Observer } from './observer';
import type { RecurrentOptions } from './recurrent';
import { directionSuffixes } from './recurrent-parameters';
import type { RecurrentResult, Zoneout } from './cells/unrolled';
import { projectAll, projectedSteps, recomputedLayer, type StepSource } from './recomputed';
import { windowedLayer } from './windows';

/** x·W + b for a first layer: weight [lane, inputs, columns], bias [lane, 1, columns]. */
export type Input = (weight: Tensor, bias: Tensor) => StepSource;

/** Vectors x [lane, time, batch, inputs] as the input. */
export const denseInput =
  (x: Tensor): Input =>
  (weight, bias) => ({
    steps: [x],
    shared: [weight, bias],
    project([read], [factor, shift]) {
      const [lanes, steps, batch, inputs] = read!.shape as [number, number, number, number];
      const product = linear(tf.reshape(read!, [lanes, steps * batch, inputs]), factor!, shift!);
      return tf.reshape(product, [lanes, steps, batch, factor!.shape[2]!]);
    },
  });

/**
 * Tokens as the input: ids int32 [lane, time, batch], rows of `table` [lane, vocabulary, embedding]. Where the vocabulary
 * is smaller than the number of tokens, the table is projected and its rows are taken, rather than the reverse: the same
 * numbers with fewer products. Depends only on the shapes of one lane.
 */
export const tokenInput =
  (table: Tensor, ids: Tensor): Input =>
  (weight, bias) => {
    const [, steps, batch] = ids.shape as [number, number, number];
    return table.shape[1]! < steps * batch
      ? {
          steps: [ids],
          shared: [linear(table, weight, bias)],
          project: ([read], [rows]) => lookup(rows!, read!),
        }
      : {
          steps: [ids],
          shared: [table, weight, bias],
          project([read], [rows, factor, shift]) {
            const flat = tf.reshape(read!, [read!.shape[0], read!.shape[1]! * read!.shape[2]!]);
            const product = linear(lookup(rows!, flat), factor!, shift!);
            return tf.reshape(product, [...read!.shape, factor!.shape[2]!]);
          },
        };
  };

export interface Stack {
  cell: Cell;
  layers: number;
  bidirectional: boolean;
  /** Which layers above the first add what they read to what they give (He et al. 2016). */
  residual?: readonly boolean[] | undefined;
  /** By PyTorch's names without a prefix (weight_hh_l0, …), in our layout: matrices transposed, with a leading lane axis. */
  parameters: (name: string) => Tensor;
}

export interface StackResult {
  /** The last layer's h, both directions side by side; [lane, time, batch, directions·hidden]. */
  outputs: Tensor;
  /** The final states: first by state (h, c), then by layer and direction; each [lane, batch, hidden]. */
  states: Tensor[][];
}

export interface StackOptions extends Omit<RecurrentOptions, 'reverse'> {
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** No gradient crosses a multiple of this many steps; undefined for the whole sequence. */
  window?: number | undefined;
  /** Keep what segments begin with and compute them again for the gradient, as `recomputedLayer` does. */
  recompute?: boolean | undefined;
  /** The dropout mask of what a layer above the first reads, as `dropoutMask` gives it, [lane, time·batch, width]. */
  dropped?: ((layer: number, rows: number, width: number) => Tensor | undefined) | undefined;
  /** x·W of a direction, normalised; undefined without normalisation. */
  normalised?: ((suffix: string, projected: Tensor) => Tensor) | undefined;
  /** Observes the layers, in their direction of time. */
  observer?: Observer | undefined;
  /** The dropout mask of a direction's state, [lane, batch, hidden]. */
  droppedState?: ((place: string, batch: number, hidden: number) => Tensor | undefined) | undefined;
  /** Fraction of the states that a step leaves as they are; 0 or undefined for nothing. */
  zoneout?: number | undefined;
  /** Where a state of a direction changes at the steps of training, above 0, [lane, time·batch, hidden]. */
  changes?: ((place: string, rows: number, hidden: number) => Tensor | undefined) | undefined;
  /** The dropout mask of a direction's recurrent matrix, [lane, hidden, gates·hidden]. */
  droppedWeights?: ((place: string, rows: number, columns: number) => Tensor | undefined) | undefined;
}

/**
 * Recurrent layers, each reading the one below, as torch.nn.RNN/LSTM/GRU: with its dropout, which applies to everything but
 * the first layer's input. `states` are the initial ones in the order of the result's.
 */
export function recurrentStack(
  stack: Stack,
  first: Input,
  states: readonly (readonly Tensor[])[],
  options: StackOptions,
): StackResult {
  const { cell, layers, bidirectional, residual } = stack;
  const suffixes = directionSuffixes({ bidirectional });
  const final: Tensor[][] = Array.from({ length: cell.states }, () => []);
  let outputs: Tensor | undefined;
  for (let layer = 0; layer < layers; layer++) {
    const below = outputs;
    const input = below ? denseInput(droppedOut(below, layer, options)) : first;
    const directions = suffixes.map((suffix, direction) => {
      const before = states.map((each) => each[layer * suffixes.length + direction]!);
      const reverse = direction === 1;
      const probe = reverse ? undefined : options.observer?.probe(layer);
      const result = oneDirection(stack, `_l${layer}${suffix}`, input, before, { ...options, reverse, probe });
      if (probe) options.observer?.see(layer, result);
      result.states.forEach((state, index) => final[index]!.push(state));
      return result.outputs;
    });
    const given = directions.length > 1 ? tf.concat(directions, 3) : directions[0]!;
    outputs = below && residual?.[layer] ? tf.add(below, given) : given;
  }
  return { outputs: outputs!, states: final };
}

/** One direction of a layer, whose parameters' names end in `suffix`. */
function oneDirection(
  { cell, parameters }: Stack,
  suffix: string,
  input: Input,
  states: readonly Tensor[],
  options: StackOptions & { reverse: boolean; probe: Tensor | undefined },
): RecurrentResult {
  const named = (name: string): Tensor => parameters(`${name}${suffix}`);
  const weight = named('weight_ih');
  const [inputBias, recurrentBias] = ['bias_ih', 'bias_hh'].slice(0, cell.biases).map(named); // [lane, 1, gates·hidden]
  const added = inputBias ?? tf.zeros([weight.shape[0], 1, weight.shape[2]!]);
  const shift = recurrentBias && !cell.separateRecurrentBias ? sumOfTwo(added, recurrentBias) : added;
  const source = options.normalised
    ? projectedSteps(withBias(options.normalised(suffix, projectAll(input(weight, tf.zerosLike(shift)))), shift))
    : input(weight, shift);
  const [, steps, batch] = source.steps[0]!.shape as [number, number, number];
  const columns = weight.shape[2]!;
  const layer = {
    kernel: cell.recurrence === 'kernel' ? withoutDropped(named('weight_hh'), suffix, options) : undefined,
    bias: cell.separateRecurrentBias ? recurrentBias : undefined,
    own: cell.own && Object.fromEntries(cell.own.map(({ name }) => [name, named(name)])),
    kept: options.droppedState?.(suffix, batch, columns / cell.gates),
    states,
    zoneout: zoneoutOf(cell, suffix, [weight.shape[0], steps, batch, columns], options),
    valid: options.valid,
  };
  if (options.recompute && options.training && !options.probe) return recomputedLayer(cell, source, layer, options);
  const read = { ...layer, projected: projectAll(source), probe: options.probe };
  return windowedLayer(cell, read, { ...options, overwrites: true });
}

/** What the steps of a direction leave of its states. */
function zoneoutOf(
  { gates, states }: Cell,
  place: string,
  shape: readonly number[],
  { zoneout, changes }: StackOptions,
): Zoneout | undefined {
  if (!zoneout) return undefined;
  const [lanes, steps, batch, columns] = shape as [number, number, number, number];
  const hidden = columns / gates;
  if (!changes) return { rate: zoneout };
  const masks = Array.from({ length: states }, (_, state) => changes(`${state}${place}`, steps * batch, hidden)!);
  return { rate: zoneout, changes: masks.map((mask) => tf.reshape(mask, [lanes, steps, batch, hidden])) };
}

/** x + b over all steps: x [lane, time, batch, columns], bias [lane, 1, columns]. */
function withBias(x: Tensor, bias: Tensor): Tensor {
  const [lanes, steps, batch, columns] = x.shape as [number, number, number, number];
  return tf.reshape(addBias(tf.reshape(x, [lanes, steps * batch, columns]), bias), x.shape);
}

/** A recurrent matrix without the weights that are dropped. */
function withoutDropped(kernel: Tensor, place: string, { droppedWeights }: StackOptions): Tensor {
  const [, rows, columns] = kernel.shape as [number, number, number];
  const mask = droppedWeights?.(place, rows, columns);
  return mask ? tf.mul(kernel, mask) : kernel;
}

function droppedOut(x: Tensor, layer: number, { dropped }: StackOptions): Tensor {
  const [lanes, steps, batch, width] = x.shape as [number, number, number, number];
  const mask = dropped?.(layer, steps * batch, width);
  return mask ? tf.mul(x, tf.reshape(mask, [lanes, steps, batch, width])) : x;
}
