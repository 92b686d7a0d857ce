import { tf, type Tensor } from '../tensor/tfjs';

/** Stands for no clipping: the largest float32, so that min(1, limit / norm) is 1. */
export const noClipping = 3.4028234663852886e38;

/**
 * Clips each lane's gradient to its norm (Pascanu et al. 2013), as torch.nn.utils.clip_grad_norm_: the gradient times
 * min(1, limit / (norm + 1e-6)). gradient [lane, length], norms and limits [lane, 1].
 */
export const clipByNorm = (gradient: Tensor, norms: Tensor, limits: Tensor): Tensor =>
  tf.mul(gradient, tf.minimum(tf.div(limits, tf.add(norms, 1e-6)), 1));
