import type { Cell, CellWeights } from './cell';
import { tf, type Tensor } from '../../tensor/tfjs';

/** What a recurrent layer reads. */
export interface RecurrentInputs extends CellWeights {
  /** x·W and the biases that the cell has added to it, [lane, time, batch, gates·hidden]. */
  projected: Tensor;
  /** The state before the first step, each [lane, batch, hidden]. */
  states: readonly Tensor[];
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** What the steps leave of the states as they are (Krueger et al. 2017); undefined for nothing. */
  zoneout?: Zoneout | undefined;
  /**
   * Added to h after each step: zeros [lane, time, batch, hidden], whose gradient is that of h in everything that follows
   * from it.
   */
  probe?: Tensor | undefined;
}

export interface Zoneout {
  /** Fraction that stays. */
  rate: number;
  /** In training: where a state changes, above 0; for each state [lane, time, batch, hidden]. Otherwise all take the mean. */
  changes?: readonly Tensor[] | undefined;
}

export interface RecurrentResult {
  /** h after each step, in the order of time, 0 at steps that do not count; [lane, time, batch, hidden]. */
  outputs: Tensor;
  /** The state after the last step that counts, in the direction of reading; each [lane, batch, hidden]. */
  states: Tensor[];
  /** The gates' activations, 0 to 1, of a probed layer with gates; [lane, time, batch, gates·hidden]. */
  gates?: Tensor | undefined;
}

/** The steps of a sequence in the order in which a direction reads them. */
export const readingOrder = (steps: number, reverse: boolean): number[] =>
  Array.from({ length: steps }, (_, index) => (reverse ? steps - 1 - index : index));

/** `tf.unstack` along axis 1, whose gradient is wrong in TensorFlow.js for a single step. */
export const apart = (x: Tensor): Tensor[] => (x.shape[1] === 1 ? [tf.squeeze(x, [1])] : tf.unstack(x, 1));

/**
 * h before each step of a layer that gave `hiddens` after it, [lane, time, batch, hidden]; `first` [lane, batch, hidden] is
 * the state before the first.
 */
export function hiddensBefore(hiddens: Tensor, first: Tensor, reverse: boolean): Tensor {
  const [lanes, steps, batch, hidden] = hiddens.shape as [number, number, number, number];
  const start = tf.reshape(first, [lanes, 1, batch, hidden]);
  if (steps === 1) return start;
  const others = tf.slice(hiddens, [0, reverse ? 1 : 0, 0, 0], [lanes, steps - 1, batch, hidden]);
  return tf.concat(reverse ? [others, start] : [start, others], 1);
}

/** A mask [lane, time, batch] as wide as what it selects: bool [lane, time, batch, width]. */
export function wideMask(valid: Tensor, width: number): Tensor {
  const [lanes, steps, batch] = valid.shape as [number, number, number];
  return tf.cast(tf.tile(tf.reshape(tf.cast(valid, 'int32'), [lanes, steps, batch, 1]), [1, 1, 1, width]), 'bool');
}

/** A mask [lane, time, batch] split into steps, each as wide as what it selects: bool [lane, batch, width]. */
export function maskSteps(valid: Tensor, width: number): Tensor[] {
  const [lanes, steps, batch] = valid.shape as [number, number, number];
  const wide = tf.tile(tf.reshape(tf.cast(valid, 'int32'), [lanes, steps, batch, 1]), [1, 1, 1, width]);
  return tf.unstack(wide, 1).map((step) => tf.cast(step, 'bool'));
}

/** The masks of all steps as wide as x [lane, batch, width]; undefined where all steps count. */
function masksByWidth(valid: Tensor | undefined): ((x: Tensor) => Tensor[]) | undefined {
  if (!valid) return undefined;
  const known = new Map<number, Tensor[]>();
  return ({ shape }) => {
    const width = shape[2]!;
    const masks = known.get(width) ?? maskSteps(valid, width);
    known.set(width, masks);
    return masks;
  };
}

/** What a cell's steps read of x·W. */
export const prepared = (cell: Cell, inputs: RecurrentInputs): Tensor =>
  cell.prepare ? cell.prepare(inputs.projected, inputs) : inputs.projected;

export interface Unrolled extends RecurrentResult {
  /** For each step in the order of time: the states before it, and what the cell saved of it. */
  previous: Tensor[][];
  saved: Tensor[][];
}

/** The states after a step, from those before it and those that the cell gives. */
type Zones = (step: number, before: readonly Tensor[], given: readonly Tensor[]) => Tensor[];

function zonesOf({ rate, changes }: Zoneout): Zones {
  if (!changes)
    return (_, before, given) =>
      given.map((next, index) => tf.add(tf.mul(rate, before[index]!), tf.mul(1 - rate, next)));
  const masks = changes.map((each) => apart(each).map((step) => tf.greater(step, 0)));
  return (t, before, given) => given.map((next, index) => tf.where(masks[index]![t]!, next, before[index]!));
}

/**
 * The recurrent layer by its definition: the cell, step by step, in plain operations. It runs on every backend, is recorded
 * by TensorFlow.js where a gradient is taken, and is the reference for the tests of every kernel.
 */
export function unrolled(cell: Cell, inputs: RecurrentInputs, reverse: boolean): Unrolled {
  const projected = apart(prepared(cell, inputs)); // time × [lane, batch, ·]
  const probes = inputs.probe && apart(inputs.probe);
  const masks = masksByWidth(inputs.valid);
  const outputs: Tensor[] = [];
  const previous: Tensor[][] = [];
  const saved: Tensor[][] = [];
  const gates: Tensor[] = [];
  const zones = inputs.zoneout && zonesOf(inputs.zoneout);
  let states = [...inputs.states];
  for (const t of readingOrder(projected.length, reverse)) {
    const step = cell.step(projected[t]!, states, inputs);
    previous[t] = states;
    saved[t] = step.saved;
    if (probes && step.gates) gates[t] = tf.concat([...step.gates], 2);
    const after = zones ? zones(t, states, step.states) : step.states;
    const given = step.output ?? after[0]!;
    const h = probes ? tf.add(given, probes[t]!) : given;
    const carried = step.output ? after : [h, ...after.slice(1)].slice(0, cell.states);
    // Selecting, never multiplying: 0·NaN is NaN.
    states = masks ? carried.map((next, index) => tf.where(masks(next)[t]!, next, states[index]!)) : carried;
    outputs[t] = masks ? tf.where(masks(h)[t]!, h, tf.zerosLike(h)) : h;
  }
  const passed = gates.length > 0 ? tf.stack(gates, 1) : undefined;
  return { outputs: tf.stack(outputs, 1), states, previous, saved, gates: passed };
}
