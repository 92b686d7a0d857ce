import { resample } from 'wave-resampler';
import type { Sound } from './wav';

/**
 * Resamples a sound to `rate` samples per second: what the new rate cannot hold is filtered out first (Butterworth, order 16), so that it
 * does not return as another pitch, and samples are interpolated by windowed sincs.
 */
export function resampled({ rate: from, samples }: Sound, rate: number): Float32Array {
  if (from === rate) return samples;
  // The library needs two samples on each side.
  if (Math.min(samples.length, (samples.length * rate) / from) < 2) return samples.slice(0, 1);
  return Float32Array.from(resample(samples, from, rate, { method: 'sinc', LPF: true, LPFType: 'IIR' }));
}
