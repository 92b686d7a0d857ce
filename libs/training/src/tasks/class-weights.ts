import type { TrainingSpec } from '@unroll/contracts';
import { namedClassWeights } from '@unroll/datasets';
import type { LanePosition } from '../batches/lane-position';
import type { Targets } from '../losses/cross-entropy';
import type { ClassWeighting } from '../losses/weighted-cross-entropy';
import { tf } from '../tensor/tfjs';

/**
 * The weight of each of `names` in the training loss; undefined where all weigh the same. `learned`: the training targets, −1 for none.
 * @throws DatasetError for the weight of a class that the data do not have
 */
export function classWeightsFor(
  { classWeights }: Pick<TrainingSpec, 'classWeights'>,
  names: readonly string[],
  learned: () => ArrayLike<number>,
): Float32Array | undefined {
  if (classWeights === 'none') return undefined;
  return classWeights === 'balanced'
    ? balancedWeights(learned(), names.length)
    : namedClassWeights(classWeights, names);
}

/**
 * The number of training targets over that of classes and that of the class's own targets, as scikit-learn's class_weight='balanced'
 * (King & Zeng 2001). 0 for a class that the training part lacks.
 */
export function balancedWeights(learned: ArrayLike<number>, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  let all = 0;
  for (let index = 0; index < learned.length; index++) {
    if (learned[index]! < 0) continue;
    counts[learned[index]!]! += 1;
    all += 1;
  }
  const there = counts.filter((count) => count > 0).length;
  return Float32Array.from(counts, (count) => (count === 0 ? 0 : all / (there * count)));
}

/**
 * The weight of each label where it is present, for several labels at once. balanced: frames without it over frames with it, as
 * torch.nn.BCEWithLogitsLoss advises for its pos_weight; 1 for a label that none or all of the frames of the training part have, since with
 * 0 it would not be learned. `learned`: 0 or 1, [frame, label].
 * @throws DatasetError for the weight of a label that the data do not have
 */
export function labelWeightsFor(
  { classWeights }: Pick<TrainingSpec, 'classWeights'>,
  names: readonly string[],
  learned: Float32Array,
): Float32Array | undefined {
  if (classWeights === 'none') return undefined;
  if (classWeights !== 'balanced') return namedClassWeights(classWeights, names);
  const counts = new Float64Array(names.length);
  learned.forEach((there, place) => (counts[place % names.length]! += there));
  const frames = learned.length / names.length;
  return Float32Array.from(counts, (count) => (count === 0 || count === frames ? 1 : (frames - count) / count));
}

/**
 * The weights of the classes of each lane; undefined where none has some. `weightsFor` is called once for each option that a lane has, and
 * at once for the first lane's, since what it refuses it refuses for all lanes of a group.
 */
export function weightsOfLanes(
  first: Pick<TrainingSpec, 'classWeights'>,
  weightsFor: (training: Pick<TrainingSpec, 'classWeights'>) => Float32Array | undefined,
): (positions: readonly Pick<LanePosition, 'classWeights'>[]) => Float32Array[] | undefined {
  const known = new Map([[first.classWeights, weightsFor(first)]]);
  if (first.classWeights === 'none') return () => undefined;
  return (positions) =>
    positions.map(({ classWeights }) => {
      const weights = known.get(classWeights) ?? weightsFor({ classWeights })!;
      known.set(classWeights, weights);
      return weights;
    });
}

/** What the loss of a batch needs to weigh its targets by class. `right`: −1 where there is none. `weights`: of each lane's classes. */
export function weighted(
  { classes, valid }: Pick<Targets, 'classes' | 'valid'>,
  right: { classes: Int32Array; lanes: number },
  weights: readonly Float32Array[],
): ClassWeighting {
  const n = right.classes.length / right.lanes;
  const own = Float32Array.from(right.classes, (each, place) =>
    each < 0 ? 0 : weights[Math.floor(place / n)]![each]!,
  );
  const sums = Array.from({ length: right.lanes }, (_, lane) =>
    own.subarray(lane * n, (lane + 1) * n).reduce((total, weight) => total + weight, 0),
  );
  return { classes, valid, own: tf.tensor2d(own, [right.lanes, n]), sums };
}
