import { gatedLinearUnitGradientKernel, gatedLinearUnitKernel, hasKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';

/** z₁∘σ(z₂) of the halves of z = x + y along the last axis, torch.nn.functional.glu (Dauphin et al. 2017): [·, 2·width] → [·, width]. */
export const gatedLinearUnit = (x: Tensor, y: Tensor): Tensor =>
  hasKernel(gatedLinearUnitKernel) ? fused(x, y) : plain(tf.add(x, y));

function plain(both: Tensor): Tensor {
  const [value, gate] = tf.split(both, 2, both.rank - 1);
  return tf.mul(value!, tf.sigmoid(gate!));
}

/** The same with the engine's own kernel. */
const fused = (first: Tensor, second: Tensor): Tensor =>
  tf.customGrad((...[one, other, save]) => {
    const given = { x: one as Tensor, y: other as Tensor };
    (save as (tensors: Tensor[]) => void)([given.x, given.y]);
    return {
      value: runKernel(gatedLinearUnitKernel, given)[0]!,
      gradFunc: (dy: Tensor, [x, y]: Tensor[]) => {
        const gradient = runKernel(gatedLinearUnitGradientKernel, { x: x!, y: y!, gradient: dy })[0]!;
        return [gradient, tf.clone(gradient)];
      },
    };
  })(first, second);
