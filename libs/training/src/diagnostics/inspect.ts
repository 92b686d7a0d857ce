import { tf, type Tensor } from '../tensor/tfjs';
import type { Observer } from '../nn/observer';
import type { Inspection } from '../tasks/task';
import type { Named } from '../nn/parameter';

/** The distance from one half at which a gate counts as shut or open: below 0.1, above 0.9. */
const extreme = 0.4;

/** What snapshots show: states of the top layer [lane, step, batch, width], and the head's attention [lane, step, batch]. */
export interface Seen {
  states?: Tensor;
  attention?: Tensor;
}

/** What was observed in one lane. */
export interface Inside {
  /** For each layer the norms of ∂L_T/∂h_t, [time, batch], over units; 0 where a step does not count. */
  norms: Float32Array[];
  /** Gates that are shut or open, over all layers, units and steps that count; undefined where the cells have none. */
  saturated: number | undefined;
  /** How many gates one unit has; 0 for none. */
  gates: number;
}

/**
 * Inspects the layers of each of `lanes` lanes: one forward pass over the inspected sequences, and one backward pass from
 * the sum of their last losses to the states, not to the weights. Reads back once. `seen`, if any, gets what snapshots show of
 * the top layer; the caller disposes it.
 */
export async function inspect(
  inspection: Inspection,
  parameters: Named,
  lanes: number,
  seen?: Seen,
): Promise<Inside[]> {
  const { widths, steps, lengths } = inspection;
  const layers = widths.length;
  if (layers === 0) return Array.from({ length: lanes }, () => ({ norms: [], saturated: undefined, gates: 0 }));
  let gates = 0;
  const extremes: Tensor[] = []; // of each layer [lane], kept beyond the function that is differentiated
  const read = tf.tidy(() => {
    const counts = stepMask(inspection);
    const lookAt = (probes: readonly Tensor[]): Observer => ({
      probe: (layer) => probes[layer],
      see(layer, result) {
        if (seen && layer === layers - 1) seen.states = tf.keep(tf.clone(result.outputs));
        if (!result.gates) return;
        gates = result.gates.shape[3]! / widths[layer]!;
        // Comparisons are slow on some backends, so sums over units come first: they leave few numbers.
        const beyond = tf.step(tf.sub(tf.square(tf.sub(result.gates, 0.5)), extreme ** 2));
        extremes.push(tf.keep(tf.sum(tf.mul(tf.sum(beyond, 3), counts), [1, 2])));
      },
      attend(weights) {
        if (seen) seen.attention = tf.keep(tf.clone(weights));
      },
    });
    const zeros = widths.map((width) => tf.zeros([lanes, steps, lengths.length, width]));
    const gradients = tf.grads((...probes: Tensor[]) => inspection.loss(parameters, lanes, lookAt(probes)))(zeros);
    const norms = gradients.map((each) => tf.sqrt(tf.sum(tf.square(each), 3))); // [lane, time, batch]
    const values = tf.reshape(tf.stack(norms, 1), [lanes, layers * steps * lengths.length]);
    const saturated = extremes.length > 0 ? tf.addN(extremes) : tf.zeros([lanes]);
    return tf.concat([values, tf.reshape(saturated, [lanes, 1])], 1);
  });
  tf.dispose(extremes);
  const values = (await read.data()) as Float32Array;
  read.dispose();
  const [size, row] = [steps * lengths.length, layers * steps * lengths.length + 1];
  return Array.from({ length: lanes }, (_, lane) => ({
    norms: Array.from({ length: layers }, (_layer, layer) =>
      values.slice(lane * row + layer * size, lane * row + (layer + 1) * size),
    ),
    saturated: gates > 0 ? values[(lane + 1) * row - 1]! : undefined,
    gates,
  }));
}

/** 1 where a step counts, float32 [1, time, batch]. */
function stepMask({ steps, lengths }: Pick<Inspection, 'steps' | 'lengths'>): Tensor {
  const values = new Float32Array(steps * lengths.length);
  lengths.forEach((length, row) => {
    for (let step = 0; step < length; step++) values[step * lengths.length + row] = 1;
  });
  return tf.tensor3d(values, [1, steps, lengths.length]);
}
