import { tf, type Tensor } from '../tensor/tfjs';
import type { ExampleDataWith } from './task-data';

/**
 * The weight of each class: the number of training targets over that of classes and that of the class's own targets, as scikit-learn's
 * class_weight='balanced' (King & Zeng 2001). 0 for a class that the training part lacks.
 */
export function balancedWeights({
  train: { targets },
  targetVocabulary = [],
}: Pick<ExampleDataWith<'classes' | 'tokens'>, 'train' | 'targetVocabulary'>): Float32Array {
  const counts = new Float64Array(targetVocabulary.length);
  const classes = targets.kind === 'classes' ? targets.classes : targets.ids;
  for (const each of classes) counts[each]! += 1;
  const there = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : classes.length / (there * count)));
}

/**
 * What each target weighs in a mean weighted by class, [lane, n]: its class's weight over the sum of those of its lane. `classes`:
 * [lane, n], −1 where there is none.
 */
export function targetWeights(
  { classes, lanes }: { classes: Int32Array; lanes: number },
  weights: Float32Array,
): Tensor {
  const n = classes.length / lanes;
  const each = Float32Array.from(classes, (right) => (right < 0 ? 0 : weights[right]!));
  for (let lane = 0; lane < lanes; lane++) {
    const own = each.subarray(lane * n, (lane + 1) * n);
    const sum = own.reduce((total, weight) => total + weight, 0);
    if (sum > 0) own.forEach((weight, place) => (own[place] = weight / sum));
  }
  return tf.tensor2d(each, [lanes, n]);
}
