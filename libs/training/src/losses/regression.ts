import { tf, type Tensor } from '../tensor/tfjs';
import type { ElementLoss } from './element-loss';

export { binaryCrossEntropy, weightedBinaryCrossEntropy } from './binary-cross-entropy';
export { lossOfLanes, summed, type ElementLoss, type ElementTargets, type OutputLoss } from './element-loss';

/** (prediction − target)², torch.nn.MSELoss without reduction. Unit: the targets', squared. */
export const squaredError: ElementLoss = (prediction, target) => tf.square(tf.sub(prediction, target));

/** |prediction − target|, torch.nn.L1Loss without reduction; the gradient is 0 where both are equal. Unit: the targets'. */
export const absoluteError: ElementLoss = (prediction, target) => absolute(tf.sub(prediction, target));

/**
 * Half the squared error up to an error of `delta`, beyond it delta·(|error| − delta/2) (Huber 1964),
 * torch.nn.HuberLoss(delta) without reduction. Throws RangeError for a delta that is not above 0.
 */
export function huber(delta: number): ElementLoss {
  if (!(delta > 0)) throw new RangeError(`the delta of a Huber loss must be above 0, not ${delta}`);
  return (prediction, target) => huberLoss(tf.sub(prediction, target), delta);
}

/** With c the error cut to [−delta, delta], both sides of the definition are c·(error − c/2), and c is the gradient. */
const huberLoss = (error: Tensor, delta: number): Tensor =>
  tf.customGrad((...[given, save]) => {
    const x = given as Tensor;
    const cut = clipped(x, delta);
    (save as (tensors: Tensor[]) => void)([cut]);
    return {
      value: tf.mul(cut, tf.sub(x, tf.mul(cut, 0.5))),
      gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(dy, kept!),
    };
  })(error);

/** x within [−limit, limit]; a NaN stays one, which tf.clipByValue does not promise. */
function clipped(x: Tensor, limit: number): Tensor {
  const [low, high] = [tf.fill(x.shape, -limit), tf.fill(x.shape, limit)];
  return tf.where(tf.greater(x, high), high, tf.where(tf.less(x, low), low, x));
}

/** |x|, whose gradient at 0 is 0 as PyTorch's is; that of tf.abs is −1 there. */
export const absolute = (x: Tensor): Tensor =>
  tf.customGrad((...[given, save]) => {
    (save as (tensors: Tensor[]) => void)([given as Tensor]);
    return {
      value: tf.abs(given as Tensor),
      // tf.sign would make 0 of a NaN.
      gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(dy, tf.divNoNan(kept!, tf.abs(kept!))),
    };
  })(x);
