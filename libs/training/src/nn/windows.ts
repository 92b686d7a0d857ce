import type { Cell } from './cells/cell';
import { tf, type Tensor } from '../tensor/tfjs';
import { detach } from '../tensor/detach';
import { broadcastMask, gated } from '../tensor/selection';
import { recurrentLayer, type RecurrentOptions } from './recurrent';
import { readingOrder, type RecurrentInputs, type RecurrentResult } from './cells/unrolled';

/**
 * The sequences for which the gradient is not cut at the beginning of a part of the steps, bool [lane, batch]: those of which no step was
 * read before the part, whose state is still the first one, and those that had ended before it, which the padding must not cut off.
 * `valid` bool [lane, time, batch]; `lengths`: the steps of each part. Undefined where all steps are valid: then it is cut for all.
 */
export function uncutRows(
  valid: Tensor | undefined,
  lengths: readonly number[],
  reverse: boolean,
): (part: number) => Tensor | undefined {
  if (!valid) return () => undefined;
  // Not of int32, whose sums over an inner axis TensorFlow.js' WebGPU does not compile.
  const counts = tf.split(tf.cast(valid, 'float32'), [...lengths], 1).map((each) => tf.sum(each, 1)); // [lane, batch]
  const all = counts.reduce((sum, each) => tf.add(sum, each));
  return (part) => {
    const before = reverse ? counts.slice(part + 1) : counts.slice(0, part);
    const read = before.reduce((sum, each) => tf.add(sum, each));
    return tf.logicalOr(tf.equal(read, 0), tf.equal(read, all));
  };
}

/**
 * A recurrent layer whose gradient does not cross multiples of `window` steps, counted from the first step of the sequence:
 * truncated backpropagation through time (Williams & Peng 1990) with both of its lengths equal. The values are those of the
 * whole sequence. Without a window, and where nothing is differentiated, the layer runs as one.
 */
export function windowedLayer(
  cell: Cell,
  layer: RecurrentInputs,
  { window, ...options }: RecurrentOptions & { window?: number | undefined },
): RecurrentResult {
  const steps = layer.projected.shape[1]!;
  if (!options.training || window === undefined || window >= steps || cell.states === 0)
    return recurrentLayer(cell, layer, options);
  const lengths = Array.from({ length: Math.ceil(steps / window) }, (_, index) =>
    Math.min(window, steps - index * window),
  );
  const projected = tf.split(layer.projected, lengths, 1); // window × [lane, steps of it, batch, gates·hidden]
  const valid = layer.valid && tf.split(tf.cast(layer.valid, 'int32'), lengths, 1);
  const zones = layer.zoneout?.changes?.map((each) => tf.split(each, lengths, 1));
  const outputs: Tensor[] = [];
  const uncut = uncutRows(layer.valid, lengths, options.reverse);
  let states = layer.states;
  for (const [turn, index] of readingOrder(lengths.length, options.reverse).entries()) {
    const rows = turn === 0 ? undefined : uncut(index);
    const cut = (state: Tensor): Tensor => (rows ? gated(state, broadcastMask(rows, state.shape)) : detach(state));
    const result = recurrentLayer(
      cell,
      {
        ...layer,
        projected: projected[index]!,
        valid: valid && tf.cast(valid[index]!, 'bool'),
        zoneout: layer.zoneout && { ...layer.zoneout, changes: zones?.map((each) => each[index]!) },
        states: turn === 0 ? states : states.map(cut),
      },
      options,
    );
    outputs[index] = result.outputs;
    states = result.states;
  }
  return { outputs: tf.concat(outputs, 1), states: [...states] };
}
