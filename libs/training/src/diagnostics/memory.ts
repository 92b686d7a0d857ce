/** Fraction of the gradient at distance 0 above which a step still counts as remembered. */
const horizonShare = 0.01;
/** Distances that are kept of a profile: all of the first ones, then increasingly fewer. */
const nearDistances = 16;
const farDistances = 16;

/**
 * How much of the gradient is left at each distance from the last step, averaged over sequences: `norms` [time, batch] of
 * one layer's ∂L_T/∂h_t, and the steps of each sequence, [batch]. The value at d is the mean norm at T − d over the mean
 * norm at T, both over the sequences longer than d. NaN if the gradient at distance 0 is 0.
 */
export function gradientByDistance(norms: ArrayLike<number>, lengths: ArrayLike<number>): number[] {
  const batch = lengths.length;
  const longest = Array.from(lengths).reduce((most, length) => Math.max(most, length), 0);
  return Array.from({ length: longest }, (_, distance) => {
    let [there, last] = [0, 0];
    for (let row = 0; row < batch; row++) {
      const end = lengths[row]! - 1;
      if (end < distance) continue;
      there += norms[(end - distance) * batch + row]!;
      last += norms[end * batch + row]!;
    }
    return there / last;
  });
}

/**
 * The largest distance at which more than 1 % of the gradient is left, in the layer that remembers longest; undefined if
 * the gradient is 0.
 */
export function memoryHorizon(layers: readonly (readonly number[])[]): number | undefined {
  const horizons = layers.map((profile) => profile.findLastIndex((share) => share > horizonShare));
  const most = horizons.reduce((most, horizon) => Math.max(most, horizon), -1);
  return most < 0 ? undefined : most;
}

/** The distances of a profile that are kept, of `count`: 0 to 15, then increasingly fewer, and the last. */
export function keptDistances(count: number): number[] {
  if (count <= nearDistances) return Array.from({ length: count }, (_, distance) => distance);
  const near = Array.from({ length: nearDistances }, (_, distance) => distance);
  const far = Array.from({ length: farDistances }, (_, index) =>
    Math.round(nearDistances * ((count - 1) / nearDistances) ** (index / (farDistances - 1))),
  );
  return [...new Set([...near, ...far])];
}
