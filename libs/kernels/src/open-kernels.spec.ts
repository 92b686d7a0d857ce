import { openKernels } from './open-kernels';
import { describeNative, skipped } from './testing/kernels.fixture';

describeNative(`opening the kernels${skipped}`, () => {
  it('takes the best instruction set, or the one that is named, and refuses one that the processor lacks', () => {
    const [best, ...others] = openKernels('').instructionSets();
    expect(openKernels('').instructionSet()).toBe(best);
    for (const name of others) expect(openKernels(name).instructionSet()).toBe(name);
    expect(() => openKernels('abacus')).toThrow(/^UNROLL_ISA is "abacus", but this processor has only .*portable$/);
  });
});
