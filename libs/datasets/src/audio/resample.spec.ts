import { resampled } from './resample';

const tone = (frequency: number, rate: number): Float32Array =>
  Float32Array.from({ length: rate / 2 }, (_, at) => Math.sin((2 * Math.PI * frequency * at) / rate));
/** The amplitude of a tone, away from the ends. */
const amplitude = (samples: Float32Array): number => {
  const middle = samples.subarray(400, samples.length - 400);
  return Math.sqrt((2 * middle.reduce((sum, value) => sum + value ** 2, 0)) / middle.length);
};
const heard = (frequency: number, rate: number): number =>
  amplitude(resampled({ rate, samples: tone(frequency, rate) }, 16_000));

describe('a resampled sound', () => {
  it.each([48_000, 44_100, 32_000])('keeps what the new rate can hold, from %d Hz', (rate) => {
    for (const frequency of [100, 1000, 3000, 6000, 7000]) expect(heard(frequency, rate)).toBeCloseTo(1, 1);
  });

  it.each([48_000, 44_100, 32_000])('loses what would return as another pitch, from %d Hz', (rate) => {
    for (const frequency of [9000, 10_000, 13_000, 15_500]) expect(heard(frequency, rate)).toBeLessThan(0.01);
  });

  it('has the pitch it had: zero crossings of a tone', () => {
    const samples = resampled({ rate: 44_100, samples: tone(1000, 44_100) }, 16_000);
    const crossings = samples.reduce((count, value, at) => count + Number(at > 0 && value * samples[at - 1]! < 0), 0);
    expect(Math.abs(crossings - 1000)).toBeLessThan(4);
    expect(samples).toHaveLength(8000);
  });

  it('is itself at its own rate, and may be as short as a sample', () => {
    const samples = Float32Array.of(0.5);
    expect(resampled({ rate: 8000, samples }, 8000)).toBe(samples);
    expect(resampled({ rate: 48_000, samples: Float32Array.of(0.5, 0.1) }, 8000)).toEqual(samples);
  });
});
