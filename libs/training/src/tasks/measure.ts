import { tf } from '../tensor/tfjs';
import type { Named } from '../nn/parameter';
import type { OpenTask } from './task';
import type { Part } from '../batches/lane-position';

/** The metrics of `lanes` networks on a held-out part, without the prefix. `onBatch` is awaited after each batch. */
export async function measure(
  task: OpenTask<unknown>,
  parameters: Named,
  lanes: number,
  part: Part,
  onBatch: () => Promise<void>,
): Promise<Record<string, number>[]> {
  const evaluation = task.evaluation(part, lanes);
  let states = evaluation.zeroStates();
  /** Adds the previous batch, whose values were read back while this one was recorded. */
  let add = (): Promise<void> => Promise.resolve();
  for (let index = 0; index < evaluation.batches; index++) {
    const measured = tf.tidy(() => evaluation.measure(parameters, index, states));
    if (measured.states.length > 0) {
      tf.dispose(states);
      ({ states } = measured);
    }
    const reading = measured.values.data().finally(() => measured.values.dispose());
    // If the device breaks, whichever caller meets it first reports it.
    reading.catch(() => undefined);
    await add();
    add = async () => evaluation.add((await reading) as Float32Array, index);
    await onBatch();
  }
  await add();
  tf.dispose(states);
  return Array.from({ length: lanes }, (_, lane) => evaluation.metrics(lane));
}
