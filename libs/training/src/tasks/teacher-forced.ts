import type { TrainingSpec } from '@unroll/contracts';
import type { LanePosition } from '../batches/lane-position';
import { forcedSteps, type TargetBatch } from '../batches/target-batch';
import type { Named } from '../nn/parameter';
import { detach } from '../tensor/detach';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Decoder, Source } from './decoder';

/** What a decoder learns from. */
export interface Learning {
  parameters: Named;
  decoder: Decoder;
  source: Source;
  target: TargetBatch;
  positions?: readonly LanePosition[];
  training: Pick<TrainingSpec, 'bptt' | 'recompute'>;
}

const windowSteps = ({ bptt }: Pick<TrainingSpec, 'bptt'>): number | undefined =>
  typeof bptt === 'number' ? bptt : undefined;

/** Logits [lane, batch·time, vocabulary] while the decoder reads the right token at every step: all steps at once. */
export function forcedLogits(learning: Learning): Tensor {
  const { parameters, decoder, source } = learning;
  return decoder.logits(parameters, forcedOutputs(learning), source.memory);
}

/** The weights over the source while it reads these tokens, [lane·batch, time, source]; undefined where it does not attend. */
export function forcedAttention(learning: Learning): Tensor | undefined {
  const { parameters, decoder, source } = learning;
  return source.memory && decoder.attention(parameters, forcedOutputs(learning), source.memory);
}

/** The decoder's outputs, [lane, batch·time, units]. */
function forcedOutputs({ parameters, decoder, source, target, positions, training }: Learning): Tensor {
  const { outputs } = decoder.run(parameters, target.read, {
    states: source.states,
    valid: target.valid,
    training: positions !== undefined,
    random: positions,
    window: windowSteps(training),
    recompute: training.recompute,
  });
  const [lanes, steps, batch, units] = outputs.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(outputs, [0, 2, 1, 3]), [lanes, batch * steps, units]);
}

/** The same while it reads its own likeliest token at some steps, one step after another. No gradient flows through the choice. */
export function mixedLogits({ parameters, decoder, source, target, positions = [], training }: Learning): Tensor {
  const [lanes, steps, batch] = target.read.shape as [number, number, number];
  const window = windowSteps(training);
  const step = (x: Tensor, index: number): Tensor =>
    tf.cast(tf.slice(tf.cast(x, 'int32'), [0, index, 0], [lanes, 1, batch]), x.dtype);
  const forced = forcedSteps(positions, steps, batch);
  const all: Tensor[] = [];
  let states = source.states;
  let own: Tensor | undefined;
  for (let index = 0; index < steps; index++) {
    const right = step(target.read, index);
    const ids = own ? tf.where(step(forced, index), right, own) : right;
    const isCut = window !== undefined && index > 0 && index % window === 0;
    const result = decoder.run(
      parameters,
      ids,
      {
        states: isCut ? states.map((places) => places.map(detach)) : states,
        valid: target.valid && step(target.valid, index),
        training: true,
        random: positions,
      },
      index,
    );
    states = result.states;
    const rows = tf.reshape(result.outputs, [lanes, batch, result.outputs.shape[3]!]);
    const logits = decoder.logits(parameters, rows, source.memory); // [lane, batch, vocabulary]
    own = tf.reshape(tf.argMax(logits, 2), [lanes, 1, batch]);
    all.push(logits);
  }
  const width = all[0]!.shape[2]!;
  return tf.reshape(tf.stack(all, 2), [lanes, batch * steps, width]);
}
