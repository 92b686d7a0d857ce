import { unanswered } from '@unroll/datasets';
import { getTask } from '../tasks/tasks';
import { tf } from '../tensor/tfjs';
import { compressModel } from './compress-model';
import { drawnSequences, drawnTokens } from './drawn-input';
import type { Model } from './model-file';
import { Network } from './network';

/** Lengths of the sequences that are compared. */
const lengths = [3, 7, 16, 32];

/** What a network gives for drawn input: probabilities, or numbers in the unit of training. */
async function outputsOf(model: Model): Promise<Float32Array> {
  const { spec, reading } = model.header;
  const { over } = getTask(spec.task.kind).head!;
  const isStream = over === 'stream';
  const oneBatch = { ...spec, training: { ...spec.training, batchSize: lengths.length } };
  const network = isStream
    ? new Network(model)
    : new Network(
        { ...model, header: { ...model.header, spec: oneBatch } },
        unanswered(drawnSequences(model, lengths), { task: spec.task, reading }),
      );
  const steps = lengths.at(-1)!;
  const outputs = tf.tidy(() => {
    if (!isStream) return network.task.answering!('validation').run(network.named, 0);
    const writer = network.task.writer!;
    const ids = tf.tensor3d(drawnTokens(steps, writer.vocabulary.length), [1, steps, 1], 'int32');
    return tf.softmax(writer.step(network.named, ids, writer.start(1)).logits);
  });
  const values = ((await outputs.data()) as Float32Array).slice();
  outputs.dispose();
  network.dispose();
  return values;
}

/**
 * A model whose matrices are those that `unroll compress --int8` stores: 8-bit integers, each row with its scale, symmetric about 0. Its
 * arithmetic is in float32. `error`: the largest difference of an output for drawn input, relative to 1 or to the output where that is
 * larger, on the current engine; null for a network that is more than its layers and one output layer.
 */
export async function int8Model(model: Model): Promise<{ model: Model; error: number | null }> {
  const { model: quantised } = compressModel(model, { prune: 0, int8: true });
  if (!getTask(model.header.spec.task.kind).head) return { model: quantised, error: null };
  const [own, other] = [await outputsOf(model), await outputsOf(quantised)];
  const error = own.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - other[index]!) / Math.max(1, Math.abs(value))),
    0,
  );
  return { model: quantised, error };
}
