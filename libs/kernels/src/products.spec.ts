import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';

type Case = readonly [
  m: number,
  n: number,
  k: number,
  transposeA: boolean,
  transposeB: boolean,
  lanesA: number,
  lanesB: number,
];

const booleans = [false, true];
const cases: Case[] = (
  [
    [1, 1, 1],
    [1, 17, 3],
    [14, 32, 256],
    [15, 33, 257],
    [29, 65, 513],
    [505, 7, 20],
  ] as const
).flatMap(([m, n, k]) =>
  booleans.flatMap((transposeA) =>
    booleans.flatMap((transposeB) =>
      (
        [
          [1, 1],
          [2, 1],
          [2, 2],
        ] as const
      ).map((lanes): Case => [m, n, k, transposeA, transposeB, ...lanes]),
    ),
  ),
);

/** The product in float64. */
function referenceProduct(
  [m, n, k, transposeA, transposeB, lanesA, lanesB]: Case,
  a: Float32Array,
  b: Float32Array,
): Float64Array {
  const lanes = Math.max(lanesA, lanesB);
  const result = new Float64Array(lanes * m * n);
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [columnB, stepB] = transposeB ? [k, 1] : [1, n];
  for (let lane = 0; lane < lanes; lane++) {
    const startA = lanesA > 1 ? lane * m * k : 0;
    const startB = lanesB > 1 ? lane * k * n : 0;
    for (let row = 0; row < m; row++)
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let step = 0; step < k; step++)
          sum += a[startA + row * rowA + step * stepA]! * b[startB + column * columnB + step * stepB]!;
        result[(lane * m + row) * n + column] = sum;
      }
  }
  return result;
}

/** Rounded to the nearest number of 8 bits, ties to even. */
function toBfloat16(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (const [at, each] of bits.entries()) bits[at] = (each + 0x7fff + ((each >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer);
}

/**
 * The product of what is rounded already in the order of TDPBF16PS: 32 of k at a time, the sum of the even k, then that of the odd ones.
 * Products of 8 bits are exact in float32, and rounded once as float64 a sum of them is that of a fused multiply-add.
 */
function inOrderOfAmx([m, n, k, transposeA, transposeB, lanesA, lanesB]: Case, a: Float32Array, b: Float32Array) {
  const lanes = Math.max(lanesA, lanesB);
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [columnB, stepB] = transposeB ? [k, 1] : [1, n];
  return Float32Array.from({ length: lanes * m * n }, (_, place) => {
    const lane = Math.floor(place / (m * n));
    const fromA = (lanesA > 1 ? lane * m * k : 0) + (Math.floor(place / n) % m) * rowA;
    const fromB = (lanesB > 1 ? lane * k * n : 0) + (place % n) * columnB;
    let sum = 0;
    for (let start = 0; start < k; start += 32) {
      const sums = [0, 0];
      for (let step = start; step < Math.min(k, start + 32); step++)
        sums[step % 2] = Math.fround(sums[step % 2]! + a[fromA + step * stepA]! * b[fromB + step * stepB]!);
      sum = Math.fround(sum + Math.fround(sums[0]! + sums[1]!));
    }
    return sum;
  });
}

/** By case, the same for every instruction set. */
const truths = new Map<Case, Float64Array>();

describeEachInstructionSet('the product kernels', (kernels, isa) => {
  /** The product in bfloat16 without instructions for it. */
  const inPlainCode = (args: Parameters<typeof kernels.multiply>[0]): Float32Array => {
    kernels.choose('portable');
    kernels.usePrecision('bfloat16');
    kernels.multiply(args);
    kernels.choose(isa);
    return args.c;
  };

  it('multiply matrices of any shape, transposed or not, in one lane or several, within their arrays', () => {
    for (const each of cases) {
      const [m, n, k, transposeA, transposeB, lanesA, lanesB] = each;
      const [a, b] = [numbers(lanesA * m * k, 1), numbers(lanesB * k * n, 2)];
      const truth = truths.get(each) ?? referenceProduct(each, a, b);
      truths.set(each, truth);
      const lanes = Math.max(lanesA, lanesB);
      const { values: c, intact } = guarded(lanes * m * n);
      kernels.multiply({ a, b, c, lanes, lanesA, lanesB, m, n, k, transposeA, transposeB });
      expectClose(c, truth, 2e-6);
      expect(intact()).toBe(true);
    }
  });

  it('multiply in bfloat16, where they can, what is rounded to it, and in float32 again', () => {
    if (!kernels.precisions().includes('bfloat16')) {
      expect(() => kernels.usePrecision('bfloat16')).toThrow(/has no products of "bfloat16"$/);
      return;
    }
    for (const each of cases.filter((_, place) => place % 5 === 0)) {
      const [m, n, k, transposeA, transposeB, lanesA, lanesB] = each;
      const [a, b] = [numbers(lanesA * m * k, 1), numbers(lanesB * k * n, 2)];
      const lanes = Math.max(lanesA, lanesB);
      const { values: c, intact } = guarded(lanes * m * n);
      const sizes = { lanes, lanesA, lanesB, m, n, k, transposeA, transposeB };
      kernels.usePrecision('bfloat16');
      kernels.multiply({ a, b, c, ...sizes });
      kernels.usePrecision('float32');
      expectClose(c, referenceProduct(each, toBfloat16(a), toBfloat16(b)), 2e-6);
      expect(intact()).toBe(true);
      if (isa === 'amx') expect(inOrderOfAmx(each, toBfloat16(a), toBfloat16(b))).toEqual(c);
      if (isa === 'avx512') expect(inPlainCode({ a, b, c: c.slice(), ...sizes })).toEqual(c);
      kernels.multiply({ a, b, c, ...sizes });
      expectClose(c, truths.get(each) ?? referenceProduct(each, a, b), 2e-6);
    }
  });

  it('sum up the columns of the right operand beside a product, with the bits of sums of rows', () => {
    for (const [m, n, k] of [
      [3, 1, 1],
      [5, 17, 63],
      [29, 65, 321],
      [70, 40, 1100],
    ] as const)
      for (const precision of kernels.precisions())
        for (const threads of [1, 3]) {
          const [a, b] = [numbers(2 * k * m, 1), numbers(2 * k * n, 2)];
          const [plain, beside, sums, right] = [m * n, m * n, n, n].map((count) => guarded(2 * count));
          const product = { a, b, lanes: 2, lanesA: 2, lanesB: 2, m, n, k, transposeA: true, transposeB: false };
          kernels.usePrecision(precision);
          kernels.useThreads(threads);
          kernels.multiply({ ...product, c: plain!.values });
          kernels.multiply({ ...product, c: beside!.values, columnSums: sums!.values });
          kernels.sumRows({ outer: 2, rows: k, inner: n, x: b, out: right!.values });
          kernels.useThreads(1);
          kernels.usePrecision('float32');
          expect([beside!.values, sums!.values]).toEqual([plain!.values, right!.values]);
          expect(beside!.intact() && sums!.intact()).toBe(true);
        }
  });

  it('add up rows by their ids, and look them up', () => {
    const [ids, width] = [Int32Array.of(2, 0, 2), 19];
    const gradient = numbers(3 * width, 1);
    const out = guarded(3 * width);
    kernels.scatterAdd({ count: 3, rows: 3, width, ids, gradient, out: out.values });
    for (let column = 0; column < width; column++) {
      expect(out.values[column]).toBe(gradient[width + column]);
      expect(out.values[width + column]).toBe(0);
      expect(out.values[2 * width + column]).toBe(Math.fround(gradient[column]! + gradient[2 * width + column]!));
    }
    const found = guarded(3 * width);
    kernels.gather({ count: 3, rows: 3, width, ids, table: gradient, out: found.values });
    expect([...found.values.subarray(width, 2 * width)]).toEqual([...gradient.subarray(0, width)]);
    expect(out.intact() && found.intact()).toBe(true);
  });

  it('refuse arguments of the wrong type, length or range, naming them', () => {
    const three = new Float32Array(3);
    const product = { a: three, b: three, c: three, lanes: 1, lanesA: 1, lanesB: 1, m: 1, n: 3, k: 1 };
    const call = (changes: object) => () =>
      kernels.multiply({ ...product, transposeA: false, transposeB: false, ...changes });
    expect(call({})).toThrow('a must have 1 values, not 3');
    expect(call({ a: [1] })).toThrow('a must be a Float32Array');
    for (const m of [0, 1.5, 2 ** 40, NaN]) expect(call({ m })).toThrow('m must be an integer of at least 1');
    expect(call({ lanes: 3, lanesA: 2 })).toThrow('lanesA and lanesB must be 1 or lanes');
    const turned = { a: new Float32Array(1), transposeB: true, columnSums: three };
    expect(call(turned)).toThrow('columnSums are of a b for each lane that is not transposed');
    const table = { count: 1, rows: 3, width: 1, table: three, out: new Float32Array(1) };
    expect(() => kernels.gather({ ...table, ids: Int32Array.of(3) })).toThrow('ids must be in [0, 3), not 3');
    expect(() => kernels.gather({ ...table, ids: Int32Array.of(-1) })).toThrow('ids must be in [0, 3), not -1');
    expect(() => (kernels.norms as () => void)()).toThrow('expected one object of arguments');
    expect(() => kernels.choose('sse' as never)).toThrow('this processor has no instruction set "sse"');
  });
});
