import { describeEachInstructionSet, guarded } from './testing/kernels.fixture';

/** From 1e-8 to 1e2 in size, both signs, and evenly from −87 to 87. */
const arguments_ = Float32Array.from({ length: 8003 }, (_, index) =>
  index < 4001 ? Math.sign(index - 2000) * 10 ** ((Math.abs(index - 2000) - 1600) / 200) : (index - 6002) / 23,
);
const largest = 3.4e38;
const smallest = 1.3e-38;

/** 0 where a value is as it must be at the ends of float32, else its relative error. */
function error(value: number, truth: number): number {
  if (truth > largest) return value === Infinity ? 0 : Infinity;
  if (Math.abs(truth) < smallest) return Math.abs(value) < smallest ? 0 : Infinity;
  return Math.abs(value / truth - 1);
}

describeEachInstructionSet('the pointwise kernels', (kernels) => {
  it.each([
    ['tanh', Math.tanh, [NaN, 1, -1, 0]],
    ['exp', Math.exp, [NaN, Infinity, 0, 1]],
  ] as const)('have a %s with a relative error below 1e-6, near 0 and far from it', (name, truth, special) => {
    const { values: out, intact } = guarded(arguments_.length);
    kernels[name]({ count: out.length, x: arguments_, out });
    expect(intact()).toBe(true);
    const worst = out.reduce((most, value, index) => Math.max(most, error(value, truth(arguments_[index]!))), 0);
    expect(worst).toBeLessThan(1e-6);
    const at = new Float32Array(4);
    kernels[name]({ count: 4, x: Float32Array.of(NaN, Infinity, -Infinity, 0), out: at });
    expect([...at]).toEqual(special);
  });

  it('drop by counters, and write nothing beyond a mask', () => {
    const shape = { rows: 3, blocks: 2, width: 19, blocksOfRow: 2, units: 32 };
    // The first word under key and counter 0, as published by the authors of Threefry.
    const first = 0x6b200159;
    for (const [threshold, value] of [
      [first, 4],
      [first + 1, 0],
    ]) {
      const { values: out, intact } = guarded(2 * 3 * 2 * 19);
      const keys = Int32Array.of(0, 0, 0, threshold!, 1, 2, 3, 0);
      kernels.dropoutMask({ ...shape, lanes: 2, keys, scales: Float32Array.of(4, 5), out });
      expect(out[0]).toBe(value);
      expect(new Set(out.subarray(0, 114))).toEqual(new Set([0, 4]));
      expect(new Set(out.subarray(114))).toEqual(new Set([5]));
      expect(intact()).toBe(true);
    }
  });
});
