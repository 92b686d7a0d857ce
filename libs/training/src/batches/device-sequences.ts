import type { Sequences } from '@unroll/datasets';
import { fitsOnDevice, hasKernel, sequenceRowsKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';

const there = new Map<Sequences, Tensor>();

/**
 * Sequences side by side, gathered on the device: their values are copied there once, until `forgetSequences`, and a batch
 * copies only the place of each of its rows. Tokens int32 [lane, steps, batch] or vectors [lane, steps, batch, width], 0
 * after each one's end. Undefined where the engine has no kernel for it (an engine in the processor's memory needs none),
 * and for too many values to be worth it.
 */
export function deviceRows(
  sequences: Sequences,
  rows: readonly Int32Array[],
  { batch, steps }: { batch: number; steps: number },
): Tensor | undefined {
  const { offsets } = sequences;
  const { length } = sequences.kind === 'tokens' ? sequences.ids : sequences.values;
  if (!hasKernel(sequenceRowsKernel) || !fitsOnDevice(length)) return undefined;
  const places = new Int32Array(rows.length * batch * 2);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      const begin = offsets[example]!;
      places.set([begin, offsets[example + 1]! - begin], 2 * (lane * batch + row));
    }),
  );
  const inputs = {
    values: there.get(sequences) ?? bring(sequences),
    rows: tf.tensor3d(places, [rows.length, batch, 2], 'int32'),
  };
  const gathered = tf.engine().runKernel<Tensor>(sequenceRowsKernel, inputs, { steps });
  return sequences.kind === 'tokens' ? tf.reshape(gathered, [rows.length, steps, batch]) : gathered;
}

function bring(sequences: Sequences): Tensor {
  const all =
    sequences.kind === 'tokens'
      ? tf.tensor2d(Int32Array.from(sequences.ids), [sequences.ids.length, 1], 'int32')
      : tf.tensor2d(sequences.values, [sequences.values.length / sequences.width, sequences.width]);
  // Not disposed with the batch that needs them first.
  tf.keep(all);
  there.set(sequences, all);
  return all;
}

/** Frees what the device holds of these sequences. */
export function forgetSequences(all: readonly Sequences[]): void {
  for (const sequences of all) {
    there.get(sequences)?.dispose();
    there.delete(sequences);
  }
}
