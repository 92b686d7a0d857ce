import type { Sequences, Windows } from '@unroll/datasets';
import { fitsOnDevice, hasKernel, sequenceRowsKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';

/** What the device holds, by the array of values: windows of the same series share one. */
const there = new Map<ArrayBufferView, Tensor>();

const valuesOf = (sequences: Sequences): ArrayBufferView =>
  sequences.kind === 'tokens' ? sequences.ids : sequences.values;

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
  const windows = sequences.kind === 'vectors' ? sequences.windows : undefined;
  const { length } = sequences.kind === 'tokens' ? sequences.ids : sequences.values;
  if (!hasKernel(sequenceRowsKernel) || !fitsOnDevice(length)) return undefined;
  const places = new Int32Array(rows.length * batch * 2);
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      const begin = windows?.begins[example] ?? offsets[example]!;
      places.set([begin, offsets[example + 1]! - offsets[example]!], 2 * (lane * batch + row));
    }),
  );
  const inputs = {
    values: there.get(valuesOf(sequences)) ?? bring(sequences),
    rows: tf.tensor3d(places, [rows.length, batch, 2], 'int32'),
  };
  const gathered = tf.engine().runKernel<Tensor>(sequenceRowsKernel, inputs, { steps });
  if (sequences.kind === 'tokens') return tf.reshape(gathered, [rows.length, steps, batch]);
  return windows && windows.columns.length > 0 ? normalised(gathered, windows, rows, batch) : gathered;
}

/** Windows [lane, steps, batch, width], each normalised by itself. */
function normalised(gathered: Tensor, windows: Windows, rows: readonly Int32Array[], batch: number): Tensor {
  const width = gathered.shape[3]!;
  const shape: [number, number, number, number] = [rows.length, 1, batch, width];
  const [shift, scale] = [
    new Float32Array(rows.length * batch * width),
    new Float32Array(rows.length * batch * width).fill(1),
  ];
  rows.forEach((examples, lane) =>
    examples.forEach((example, row) => {
      windows.columns.forEach((column, place) => {
        const at = example * windows.columns.length + place;
        shift[(lane * batch + row) * width + column] = windows.shift[at]!;
        scale[(lane * batch + row) * width + column] = windows.scale[at]!;
      });
    }),
  );
  return tf.div(tf.sub(gathered, tf.tensor4d(shift, shape)), tf.tensor4d(scale, shape));
}

function bring(sequences: Sequences): Tensor {
  const all =
    sequences.kind === 'tokens'
      ? tf.tensor2d(Int32Array.from(sequences.ids), [sequences.ids.length, 1], 'int32')
      : tf.tensor2d(sequences.values, [sequences.values.length / sequences.width, sequences.width]);
  // Not disposed with the batch that needs them first.
  tf.keep(all);
  there.set(valuesOf(sequences), all);
  return all;
}

/** Frees what the device holds of these sequences. */
export function forgetSequences(all: readonly Sequences[]): void {
  for (const sequences of all) {
    there.get(valuesOf(sequences))?.dispose();
    there.delete(valuesOf(sequences));
  }
}
