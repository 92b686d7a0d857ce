import { stream } from '@unroll/random';
import { hasKernel, keyTensor, tokenDropoutKernel } from '../tensor/kernels';
import { tf, type Tensor } from '../tensor/tfjs';
import type { LanePosition } from './lane-position';

/**
 * Replaces a fraction `tokenDropout` of each lane's tokens by uniformly drawn ones; ids [lane, ...] from 0 to `vocabulary`
 * − 1. Drawn from the lane's stream `augmentation` by (update, place), so it depends on nothing else.
 */
export function withTokenDropout(ids: Int32Array, positions: readonly LanePosition[], vocabulary: number): Int32Array {
  if (positions.every(({ augmentation }) => augmentation.tokenDropout === 0)) return ids;
  const size = ids.length / positions.length;
  const changed = ids.slice();
  positions.forEach(({ seed, update, augmentation: { tokenDropout } }, lane) => {
    if (tokenDropout === 0) return;
    const random = stream(seed, 'augmentation');
    for (let place = 0; place < size; place++)
      if (random.uniformFloat32(update, 2 * place) < tokenDropout)
        changed[lane * size + place] = Math.floor(random.uniformFloat32(update, 2 * place + 1) * vocabulary);
  });
  return changed;
}

/** The largest vocabulary that the kernel's integers can hold. */
const widestOnDevice = 2 ** 20;

/**
 * The same for ids int32 [lane, ...] on the device, with the same result. Undefined where the engine has no kernel for it;
 * `ids` themselves where nothing is replaced.
 */
export function withTokenDropoutThere(
  ids: Tensor,
  positions: readonly LanePosition[],
  vocabulary: number,
): Tensor | undefined {
  if (positions.every(({ augmentation }) => augmentation.tokenDropout === 0)) return ids;
  if (!hasKernel(tokenDropoutKernel) || vocabulary > widestOnDevice) return undefined;
  const keys = positions.map(({ seed, update, augmentation: { tokenDropout } }) => [
    ...stream(seed, 'augmentation').key,
    update,
    Math.ceil(tokenDropout * 2 ** 24),
  ]);
  return tf.engine().runKernel<Tensor>(tokenDropoutKernel, { ids, keys: keyTensor(keys) }, { vocabulary });
}

/**
 * Adds normal noise of standard deviation `jitter` to each lane's numbers, [lane, ...], and sets one stretch, a fraction
 * `timeMasking` of each sequence's steps, to 0 (Park et al. 2019, time masking only). `steps` × `batch` × `width` in that
 * order; `lengths` [lane, batch] are the steps of each sequence.
 */
export function withNoise(
  values: Float32Array,
  positions: readonly LanePosition[],
  { batch, width, lengths }: { batch: number; width: number; lengths: Int32Array },
): Float32Array {
  if (positions.every(({ augmentation }) => augmentation.jitter === 0 && augmentation.timeMasking === 0)) return values;
  const size = values.length / positions.length;
  const changed = values.slice();
  positions.forEach(({ seed, update, augmentation: { jitter, timeMasking } }, lane) => {
    const random = stream(seed, 'augmentation');
    const begin = lane * size;
    let before = 0; // steps of the rows before, so that no two rows share a number
    for (let row = 0; row < batch; row++) {
      const length = lengths[lane * batch + row]!;
      const masked = Math.floor(timeMasking * length);
      const from = Math.floor(random.uniformFloat32(update, row) * (length - masked + 1));
      for (let step = 0; step < length; step++)
        for (let column = 0; column < width; column++) {
          const at = begin + (step * batch + row) * width + column;
          if (step >= from && step < from + masked) changed[at] = 0;
          else if (jitter > 0) changed[at]! += jitter * random.normal(update, batch + (before + step) * width + column);
        }
      before += length;
    }
  });
  return changed;
}
