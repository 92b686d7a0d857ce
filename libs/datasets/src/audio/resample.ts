import type { Sound } from './wav';

/** Resamples a sound to `rate` samples per second by linear interpolation. */
export function resampled({ rate: from, samples }: Sound, rate: number): Float32Array {
  if (from === rate) return samples;
  const last = samples.length - 1;
  return Float32Array.from({ length: Math.max(1, Math.round((samples.length * rate) / from)) }, (_, index) => {
    const at = Math.min(last, (index * from) / rate);
    const before = Math.floor(at);
    return samples[before]! + (samples[Math.min(last, before + 1)]! - samples[before]!) * (at - before);
  });
}
