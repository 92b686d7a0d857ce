import { fourier } from './fourier';
import { logMelFrames, melBands, melFilters } from './mel';

describe('the Fourier transform', () => {
  it('matches its definition', () => {
    const input = Float64Array.from({ length: 16 }, (_, at) => Math.sin(at * at) + at / 7);
    const [real, imaginary] = [input.slice(), new Float64Array(16)];
    fourier(real, imaginary);
    for (let bin = 0; bin < 16; bin++) {
      const angle = (at: number): number => (-2 * Math.PI * bin * at) / 16;
      expect(real[bin]).toBeCloseTo(
        input.reduce((sum, value, at) => sum + value * Math.cos(angle(at)), 0),
        10,
      );
      expect(imaginary[bin]).toBeCloseTo(
        input.reduce((sum, value, at) => sum + value * Math.sin(angle(at)), 0),
        10,
      );
    }
  });

  it('refuses a length that is not a power of two, and parts of different lengths', () => {
    for (const [a, b] of [
      [12, 12],
      [0, 0],
      [8, 4],
    ] as const)
      expect(() => fourier(new Float64Array(a), new Float64Array(b))).toThrow(RangeError);
  });
});

describe('mel bands', () => {
  it('cover every bin within them with weights that sum to 1', () => {
    const filters = melFilters(1024, 16_000, 20);
    const first = 40;
    const last = 400;
    for (let bin = first; bin < last; bin++)
      expect(filters.reduce((sum, filter) => sum + filter[bin]!, 0)).toBeCloseTo(1, 10);
  });

  it('peak at the pitch of a tone', () => {
    const tone = (frequency: number): Float32Array =>
      Float32Array.from({ length: 4000 }, (_, at) => Math.sin((2 * Math.PI * frequency * at) / 8000));
    const loudest = (frequency: number): number => {
      const frame = logMelFrames(8000)(tone(frequency))[3]!;
      return frame.indexOf(Math.max(...frame));
    };
    // HTK: 1000 Hz is 1000 mel; band peaks are 2146 / 41 mel apart.
    expect(loudest(1000)).toBe(18);
    expect(loudest(300)).toBeLessThan(loudest(1000));
    expect(loudest(3000)).toBeGreaterThan(loudest(1000));
  });

  it('give 98 frames per second, the log of the floor for silence, and one frame for a short sound', () => {
    const frames = logMelFrames(16_000);
    const second = frames(new Float32Array(16_000));
    expect(second).toHaveLength(98);
    expect(second[0]).toEqual(new Float32Array(melBands).fill(Math.log(1e-6)));
    expect(frames(new Float32Array(10))).toHaveLength(1);
  });
});
