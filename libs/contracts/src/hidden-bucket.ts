/**
 * The width at which a layer of `hiddenSize` units runs, so that trials of near sizes share one array:
 * the next multiple of 32 up to 256, then of 128. The units in between are zero padding. A trial alone runs at this width too.
 */
export function hiddenBucket(hiddenSize: number): number {
  const step = hiddenSize <= 256 ? 32 : 128;
  return Math.ceil(hiddenSize / step) * step;
}
