import { unanswered } from '@unroll/datasets';
import { createRequire } from 'node:module';
import { tf } from '../tensor/tfjs';
import { drawnSequences, drawnTokens } from '../models/drawn-input';
import type { Model } from '../models/model-file';
import { Network } from '../models/network';
import { getTask } from '../tasks/tasks';
import { streamStates } from './export';

/** The largest difference, relative to 1 or to the value where that is larger, that an export may have. */
export const onnxTolerance = 1e-5;

/** The part of onnxruntime-node, an optional dependency, that is used here. */
interface Runtime {
  Tensor: new (
    type: string,
    data: unknown,
    shape: readonly number[],
  ) => { data: ArrayLike<number>; dims: readonly number[] };
  InferenceSession: { create(file: Uint8Array, options: object): Promise<Session> };
}
interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: ArrayLike<number> }>>;
  release(): Promise<void>;
}

/** The runtime; undefined where it is not installed or has no binary for this machine. */
export function onnxRuntime(): Runtime | undefined {
  try {
    return createRequire(__filename)('onnxruntime-node') as Runtime;
  } catch {
    return undefined;
  }
}

/** Lengths of the sequences that are compared, ascending: none is a power of two, so that some are padded. */
const lengths = [1, 3, 7, 11];
const steps = lengths.at(-1)!;

/**
 * Runs a graph and the model it was exported from on the same drawn input. Returns the largest difference of their outputs,
 * relative to 1 or to the value where that is larger. The current engine runs the model.
 */
export async function onnxDifference(file: Uint8Array, model: Model, runtime: Runtime): Promise<number> {
  const session = await runtime.InferenceSession.create(file, { logSeverityLevel: 3 });
  try {
    return getTask(model.header.spec.task.kind).head?.over === 'stream'
      ? await streamDifference(session, model, runtime)
      : await answerDifference(session, model, runtime);
  } finally {
    await session.release();
  }
}

function largestDifference(
  own: ArrayLike<number>,
  other: ArrayLike<number>,
  places: readonly [number, number][],
): number {
  return places.reduce((most, [a, b]) => {
    const difference = Math.abs(own[a]! - other[b]!) / Math.max(1, Math.abs(own[a]!));
    return difference <= most ? most : difference; // a NaN is a difference too
  }, 0);
}

async function streamDifference(session: Session, model: Model, { Tensor }: Runtime): Promise<number> {
  const { model: spec } = model.header.spec;
  const width = model.weights['output.bias']!.shape[0]!;
  const batch = lengths.length;
  const ids = drawnTokens(batch * steps, width);
  const states = streamStates(spec).map(({ name, shape: [layers, , units] }): [string, unknown] => [
    name,
    new Tensor('float32', new Float32Array(layers * batch * units), [layers, batch, units]),
  ]);
  const { logits } = await session.run({
    ids: new Tensor(
      'int64',
      BigInt64Array.from(ids, (id) => BigInt(id)),
      [batch, steps],
    ),
    ...Object.fromEntries(states),
  });
  const network = new Network(model);
  const own = tf.tidy(() => {
    const input = tf.transpose(tf.tensor3d(Int32Array.from(ids), [1, batch, steps], 'int32'), [0, 2, 1]);
    const writer = network.task.writer!;
    return writer.step(network.named, input, writer.start(batch)).logits; // [1, time · batch, width]
  });
  const values = await own.data();
  tf.dispose(own);
  network.dispose();
  const places = Array.from({ length: batch * steps * width }, (_, at): [number, number] => {
    const [row, step, output] = [Math.floor(at / (steps * width)), Math.floor(at / width) % steps, at % width];
    return [(step * batch + row) * width + output, at];
  });
  return largestDifference(values, logits!.data, places);
}

async function answerDifference(session: Session, model: Model, { Tensor }: Runtime): Promise<number> {
  const { spec, reading } = model.header;
  const batch = lengths.length;
  const { inputs, feed } = drawnInput(model, Tensor);
  const outputs = await session.run({ ...feed, lengths: new Tensor('int32', Int32Array.from(lengths), [batch]) });
  const other = Object.values(outputs)[0]!.data;
  const oneBatch = { ...spec, training: { ...spec.training, batchSize: batch } };
  const network = new Network(
    { ...model, header: { ...model.header, spec: oneBatch } },
    unanswered(inputs, { task: spec.task, reading }),
  );
  const answers = tf.tidy(() => network.task.answering!('validation').run(network.named, 0));
  const [raw, shape] = [(await answers.data()) as Float32Array, answers.shape];
  answers.dispose();
  network.dispose();
  const width = shape.at(-1)!;
  const isNumbers = getTask(spec.task.kind).head?.gives === 'numbers';
  const { shift = [0], scale = [1] } = (isNumbers ? reading.targetScaling : undefined) ?? {};
  const own = raw.map((value) => value * scale[0]! + shift[0]!);
  const isAligned = shape[1] !== batch;
  const places = lengths.flatMap((length, row) =>
    Array.from({ length: isAligned ? length : 1 }, (_, step) =>
      Array.from({ length: width }, (_, output): [number, number] =>
        isAligned
          ? [(step * batch + row) * width + output, (row * steps + step) * width + output]
          : [row * width + output, row * width + output],
      ),
    ).flat(),
  );
  return largestDifference(own, other, places);
}

/** Sequences of several lengths: for the model, and for the graph, which scales them itself. */
function drawnInput(model: Model, Tensor: Runtime['Tensor']) {
  const { inputScaling } = model.header.reading;
  const inputs = drawnSequences(model, lengths);
  const { offsets } = inputs;
  const batch = lengths.length;
  if (inputs.kind === 'tokens') {
    const padded = new BigInt64Array(batch * steps);
    lengths.forEach((length, row) => {
      for (let step = 0; step < length; step++) padded[row * steps + step] = BigInt(inputs.ids[offsets[row]! + step]!);
    });
    return { inputs, feed: { ids: new Tensor('int64', padded, [batch, steps]) } };
  }
  const { width, values } = inputs;
  const padded = new Float32Array(batch * steps * width);
  const unscaled = (at: number): number => {
    const [shift, scale] = [inputScaling?.shift[at % width] ?? 0, inputScaling?.scale[at % width] ?? 1];
    return values[at]! * scale + shift;
  };
  lengths.forEach((length, row) => {
    for (let at = 0; at < length * width; at++) padded[row * steps * width + at] = unscaled(offsets[row]! * width + at);
  });
  return { inputs, feed: { values: new Tensor('float32', padded, [batch, steps, width]) } };
}
