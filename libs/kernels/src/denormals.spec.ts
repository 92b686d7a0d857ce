import type { Kernels } from './addon';
import { openKernels } from './open-kernels';
import { describeNative, skipped } from './testing/kernels.fixture';

/** x times a number, a row for each. */
function times(kernels: Kernels, x: number, factor: number): number[] {
  const [m, n, k] = [64, 32, 1];
  const c = new Float32Array(m * n).fill(1);
  const [a, b] = [new Float32Array(m).fill(x), new Float32Array(n).fill(factor)];
  kernels.multiply({ a, b, c, lanes: 1, lanesA: 1, lanesB: 1, m, n, k, transposeA: false, transposeB: false });
  return [...new Set(c)];
}

describeNative(`denormal numbers in the kernels${skipped}`, () => {
  const sets = openKernels('').instructionSets();
  afterAll(() => openKernels(''));

  describe.each(sets)('with %s', (set) => {
    const kernels = openKernels(set);
    beforeAll(() => openKernels(set));
    afterEach(() => kernels.useThreads(1));

    it.each([1, 2])('are 0, as results and as operands, on %i threads', (threads) => {
      kernels.useThreads(threads);
      expect(times(kernels, 1e-30, 1e-10)).toEqual([0]);
      expect(times(kernels, 1e-40, 1e10)).toEqual([0]);
      expect(times(kernels, 1e-30, 1e-7)).toEqual([Math.fround(Math.fround(1e-30) * Math.fround(1e-7))]);
    });
  });

  it('stay what they are in JavaScript, also after a call that throws', () => {
    const kernels = openKernels('');
    times(kernels, 1e-30, 1e-10);
    expect(() => times(kernels, 1, 1) && kernels.useThreads(0)).toThrow(/^threads must be/);
    expect([2 ** -1000, 2 ** -60].reduce((product, factor) => product * factor)).toBe(2 ** -1060);
  });
});
