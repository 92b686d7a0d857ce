import { tf, type Tensor } from '../../tensor/tfjs';
import type { CellWeights } from './cell';

/** h as the gates see it, without dropped units. [lane, batch, hidden] */
export const keptState = (h: Tensor, { kept }: CellWeights): Tensor => (kept ? tf.mul(h, kept) : h);

/** h·U, [lane, batch, gates·hidden]. */
export const recurrentProduct = (h: Tensor, weights: CellWeights): Tensor =>
  tf.matMul(keptState(h, weights), weights.kernel!);
