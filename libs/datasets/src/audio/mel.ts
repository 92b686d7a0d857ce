import { fourier } from './fourier';

/** Number of bands per frame. */
export const melBands = 40;
/** Length of a window, and the hop to the next one. Unit: seconds. */
const [windowLength, hop] = [0.025, 0.01];
/** Added to energies, so that silence has a logarithm. */
const floor = 1e-6;

/** Pitch by the formula of HTK (Young et al.; after O'Shaughnessy 1987), from Hz. */
const toMel = (frequency: number): number => 2595 * Math.log10(1 + frequency / 700);
const toFrequency = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/**
 * Weights of `bands` triangular filters over the bins of a transform of `size`, evenly spaced in mel from 0 Hz to half the rate. Each
 * peaks at 1 where its neighbours reach 0. [band][bin from 0 to size / 2]
 */
export function melFilters(size: number, rate: number, bands = melBands): Float64Array[] {
  const top = toMel(rate / 2);
  const edges = Array.from({ length: bands + 2 }, (_, index) => toFrequency((top * index) / (bands + 1)));
  return Array.from({ length: bands }, (_, band) => {
    const [low, peak, high] = edges.slice(band, band + 3) as [number, number, number];
    return Float64Array.from({ length: size / 2 + 1 }, (_, bin) => {
      const frequency = (bin * rate) / size;
      return Math.max(0, Math.min((frequency - low) / (peak - low), (high - frequency) / (high - peak)));
    });
  });
}

/** The weights of a filter without the zeros around them, and the bin of the first. A narrow filter may lie between two bins. */
function support(filter: Float64Array): { first: number; weights: Float64Array } {
  const first = Math.max(
    0,
    filter.findIndex((weight) => weight > 0),
  );
  const end = filter.findLastIndex((weight) => weight > 0) + 1;
  return { first, weights: filter.subarray(first, end) };
}

/**
 * Log-mel frames of a sound of `rate` samples per second: Hann windows of 25 ms every 10 ms; the natural logarithm of the energy in
 * each mel band plus 1e-6. A sound shorter than a window gives one frame, padded with silence. [frame][band]
 */
export function logMelFrames(rate: number): (samples: Float32Array) => Float32Array[] {
  const [window, step] = [Math.max(2, Math.round(rate * windowLength)), Math.max(1, Math.round(rate * hop))];
  const size = 2 ** Math.ceil(Math.log2(window));
  const filters = melFilters(size, rate).map(support);
  const curve = Float64Array.from({ length: window }, (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / window));
  const [real, imaginary, energies] = [new Float64Array(size), new Float64Array(size), new Float64Array(size / 2 + 1)];
  return (samples) => {
    const count = Math.max(1, 1 + Math.floor((samples.length - window) / step));
    return Array.from({ length: count }, (_, frame) => {
      real.fill(0);
      imaginary.fill(0);
      for (let at = 0; at < window; at++) real[at] = (samples[frame * step + at] ?? 0) * curve[at]!;
      fourier(real, imaginary);
      energies.forEach((_, bin) => (energies[bin] = real[bin]! ** 2 + imaginary[bin]! ** 2));
      return Float32Array.from(filters, ({ first, weights }) => {
        let energy = 0;
        for (let at = 0; at < weights.length; at++) energy += weights[at]! * energies[first + at]!;
        return Math.log(energy + floor);
      });
    });
  };
}
