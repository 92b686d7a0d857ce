import { tf, type Tensor } from '../engines/tfjs';
import type { Targets } from '../layers/cross-entropy';
import { crossEntropy } from '../layers/cross-entropy';
import { accuracy, macroF1 } from '../metrics/classification';
import type { Evaluation, Named, States } from './task';

/** The right classes of a batch, [lane, n]; −1 where there is none to be found. */
export interface RightClasses {
  classes: Int32Array;
  lanes: number;
}

/** As the cross-entropy wants them: the mean over those that are there, or the sum. */
export function classTargets({ classes, lanes }: RightClasses, kind: 'mean' | 'sum'): Targets {
  const n = classes.length / lanes;
  const valid = Uint8Array.from(classes, (right) => Number(right >= 0));
  const counts = Array.from({ length: lanes }, (_, lane) =>
    valid.subarray(lane * n, (lane + 1) * n).reduce((sum, each) => sum + each, 0),
  );
  return {
    classes: tf.tensor2d(
      classes.map((right) => Math.max(0, right)),
      [lanes, n],
      'int32',
    ),
    valid: valid.includes(0) ? tf.tensor2d(valid, [lanes, n], 'bool') : undefined,
    weight: tf.tensor2d(
      counts.map((count) => [kind === 'sum' ? 1 : 1 / Math.max(1, count)]),
      [lanes, 1],
    ),
  };
}

/** What of a measurement of classes differs between tasks. */
export interface ClassMeasurement {
  lanes: number;
  classes: number;
  batches: number;
  /** Logits [lane, n, classes] of a batch, and the right classes, the same for every lane. */
  batch: (parameters: Named, index: number) => { logits: Tensor; right: Int32Array };
}

/** Loss, accuracy and macro F1 over all that is held out. */
export function classEvaluation({ lanes, classes, batches, batch }: ClassMeasurement): Evaluation {
  const confusions = Array.from({ length: lanes }, () => new Float64Array(classes * classes));
  const sums = new Float64Array(lanes);
  const rights: Int32Array[] = [];
  return {
    batches,
    zeroStates: (): States => [],
    measure(parameters, index) {
      const { logits, right } = batch(parameters, index);
      rights[index] = right;
      const all = new Int32Array(lanes * right.length);
      for (let lane = 0; lane < lanes; lane++) all.set(right, lane * right.length);
      const sum = crossEntropy(logits, classTargets({ classes: all, lanes }, 'sum'));
      const found = tf.cast(tf.argMax(logits, 2), 'float32');
      return { values: tf.concat([tf.reshape(sum, [lanes, 1]), found], 1), states: [] };
    },
    add(values, index) {
      const right = rights[index]!;
      const width = 1 + right.length;
      for (let lane = 0; lane < lanes; lane++) {
        sums[lane]! += values[lane * width]!;
        right.forEach((truth, place) => {
          if (truth >= 0) confusions[lane]![truth * classes + values[lane * width + 1 + place]!]! += 1;
        });
      }
    },
    metrics(lane) {
      const confusion = confusions[lane]!;
      const count = confusion.reduce((sum, each) => sum + each, 0);
      return { loss: sums[lane]! / count, accuracy: accuracy(confusion, classes), f1: macroF1(confusion, classes) };
    },
  };
}
