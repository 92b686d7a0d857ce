import { openKernels } from './open-kernels';
import { describeNative, skipped } from './testing/kernels.fixture';

describeNative(`opening the kernels${skipped}`, () => {
  it('takes the best instruction set, or the one that is named, and refuses one that the processor lacks', () => {
    const [best, ...others] = openKernels('').instructionSets();
    expect(openKernels('').instructionSet()).toBe(best);
    for (const name of others) expect(openKernels(name).instructionSet()).toBe(name);
    expect(() => openKernels('abacus')).toThrow(/^UNROLL_ISA is "abacus", but this processor has only .*portable$/);
  });

  it('lends memory of its own, as small or large as asked for, and refuses what is no size', () => {
    for (const bytes of [1, 100, 5 * 2 ** 20 + 4]) {
      const values = new Uint8Array(openKernels('').memory(bytes)!);
      values.fill(7);
      expect([values.length, values[0], values.at(-1)]).toEqual([bytes, 7, 7]);
    }
    for (const bytes of [0, -4, 1.5, NaN]) expect(() => openKernels('').memory(bytes)).toThrow(/^bytes must be/);
  });
});
