import type { Kernels, Packing } from './addon';
import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';
import { gateCounts, makeInputs } from './testing/recurrent.fixture';

type Shape = Parameters<Kernels['packedSize']>[0];

function packedOf(kernels: Kernels, shape: Shape, matrix: Float32Array): Uint8Array {
  const packed = new Uint8Array(kernels.packedSize(shape));
  kernels.pack({ ...shape, matrix, packed });
  return packed;
}

interface LayerShape {
  cell: number;
  steps: number;
  hidden: number;
  inputs: number;
  /** Sequences that have each step. */
  counts: number[];
}

/** The rows that are there, of what is [steps, batch, width]. */
const rowsThatAre = (counts: readonly number[], width: number, all: Float32Array): Float32Array =>
  Float32Array.from(
    counts.flatMap((count, step) => [...all.subarray(step * counts[0]! * width, (step * counts[0]! + count) * width)]),
  );

/** The last h and the outputs of a layer by both kernels. */
function both(kernels: Kernels, packing: Packing, { cell, steps, hidden, inputs, counts }: LayerShape) {
  const batch = counts[0]!;
  const layer = makeInputs({ cell, lanes: 1, steps, batch, hidden, reverse: steps % 2 === 0, masked: false });
  const valid = Uint8Array.from(
    counts.flatMap((count) => Array.from({ length: batch }, (_, row) => Number(row < count))),
  );
  const [gates, columns] = [gateCounts[cell]!, gateCounts[cell]! * hidden];
  const [weight, x, shift] = [numbers(inputs * columns, 8), numbers(steps * batch * inputs, 9), numbers(columns, 10)];
  const projected = inputs > 0 ? new Float32Array(steps * batch * columns) : layer.projected;
  if (inputs > 0)
    kernels.multiply({
      ...{ a: x, b: weight, bias: shift, c: projected, lanes: 1, lanesA: 1, lanesB: 1 },
      ...{ m: steps * batch, n: columns, k: inputs, transposeA: false, transposeB: false },
    });
  const truth = { outputs: new Float32Array(steps * batch * hidden), hT: new Float32Array(batch * hidden) };
  const copies = () => ({ h: layer.h0.slice(), c: layer.c0?.slice() });
  const cells = layer.c0 && new Float32Array(layer.c0.length);
  kernels.recurrent({
    ...layer,
    ...{ projected, valid, ...truth },
    hiddens: new Float32Array(steps * batch * hidden),
    cells,
    cT: layer.c0?.slice(),
  });
  const rows = counts.reduce((a, b) => a + b);
  const [outputs, states] = [guarded(rows * hidden), copies()];
  const sizes = { units: hidden, gates, packing };
  kernels.recurrentPacked({
    ...{ cell, packing, steps, batch, hidden, reverse: layer.reverse, bias: layer.bias, own: layer.own },
    ...(batch > 1 ? { counts: Int32Array.from(counts) } : {}),
    ...(inputs > 0
      ? {
          ...{ inputs, shift, x: rowsThatAre(counts, inputs, x) },
          weight: packedOf(kernels, { k: inputs, ...sizes }, weight),
        }
      : { projected: rowsThatAre(counts, columns, layer.projected) }),
    kernel: packedOf(kernels, { k: hidden, ...sizes }, layer.kernel),
    ...{ outputs: outputs.values, stride: hidden, ...states },
  });
  const right = rowsThatAre(counts, hidden, truth.outputs);
  return { truth: { ...truth, outputs: right }, outputs, last: states.h };
}

const shapes = [
  { steps: 1, hidden: 1, inputs: 0, counts: [1] },
  { steps: 3, hidden: 17, inputs: 3, counts: [1, 1, 1] },
  { steps: 4, hidden: 65, inputs: 0, counts: [5, 3, 3, 1] },
  { steps: 5, hidden: 130, inputs: 40, counts: [1, 1, 1, 1, 1] },
  { steps: 3, hidden: 40, inputs: 5, counts: [13, 8, 2] },
];

describeEachInstructionSet('the packed kernels', (kernels, isa) => {
  it.each([0, 1, 2, 3, 4, 6])('give the bits of a layer of cell %i, and with int8 numbers near them', (cell) => {
    for (const shape of shapes) {
      const exact = both(kernels, 'float32', { cell, ...shape });
      expect(exact.outputs.values).toEqual(exact.truth.outputs);
      expect(exact.last).toEqual(exact.truth.hT);
      const rounded = both(kernels, 'int8', { cell, ...shape });
      expectClose(rounded.outputs.values, rounded.truth.outputs, 0.1);
      // A single weight is its own largest one, and so exact.
      if (shape.hidden > 1) expect([...rounded.outputs.values]).not.toEqual([...exact.outputs.values]);
      for (const { outputs } of [exact, rounded]) expect(outputs.intact()).toBe(true);
    }
  });

  // So large that threads share the units of one sequence; panels of weights are left over.
  it.each([0, 2, 3, 4, 6])('give the bits of one thread for a sequence of cell %i that several share', (cell) => {
    for (const shape of [
      { steps: 24, hidden: 259, inputs: 0 },
      { steps: 17, hidden: 195, inputs: 5 },
    ])
      for (const packing of ['float32', 'int8'] as const) {
        const on = (threads: number) => {
          kernels.useThreads(threads);
          const { outputs, last } = both(kernels, packing, { cell, ...shape, counts: Array(shape.steps).fill(1) });
          kernels.useThreads(1);
          expect(outputs.intact()).toBe(true);
          return { outputs: outputs.values, last };
        };
        const one = on(1);
        for (const threads of [2, 3]) expect(on(threads)).toEqual(one);
      }
  });

  it.each([1, 3, 4])('multiply rows with %i gates in the bits of a plain product', (gates) => {
    for (const [rows, k, units] of [
      [1, 5, 3],
      [2, 40, 33],
      [19, 37, 70],
    ] as const) {
      const columns = gates * units;
      const [matrix, x, bias] = [numbers(k * columns, 1), numbers(rows * k, 2), numbers(columns, 3)];
      const shape: Shape = { k, units, gates, packing: 'float32' };
      const [out, right] = [guarded(rows * columns), new Float32Array(rows * columns)];
      kernels.multiplyPacked({ ...shape, rows, x, bias, packed: packedOf(kernels, shape, matrix), out: out.values });
      kernels.multiply({
        ...{ a: x, b: matrix, bias, c: right, lanes: 1, lanesA: 1, lanesB: 1 },
        ...{ m: rows, n: columns, k, transposeA: false, transposeB: false },
      });
      expect(out.values).toEqual(right);
      expect(out.intact()).toBe(true);
    }
  });

  it('multiply rows, in int8 as precisely as weights of 8 bits and rows of 16 bits are', () => {
    const [rows, k, units] = [3, 37, 50];
    const [matrix, x, bias] = [numbers(k * units, 1), numbers(rows * k, 2), numbers(units, 3)];
    const product = (packing: Packing): Float32Array => {
      const [shape, out] = [{ k, units, gates: 1, packing }, guarded(rows * units)];
      kernels.multiplyPacked({ ...shape, rows, x, bias, packed: packedOf(kernels, shape, matrix), out: out.values });
      expect(out.intact()).toBe(true);
      return out.values;
    };
    const scale = (column: number): number => {
      const own = Array.from({ length: k }, (_, row) => Math.abs(matrix[row * units + column]!));
      return Math.max(...own) / 127;
    };
    const truth = (weightOf: (row: number, column: number) => number): Float64Array =>
      Float64Array.from({ length: rows * units }, (_, at) => {
        const [row, column] = [Math.floor(at / units), at % units];
        return Array.from({ length: k }, (__, i) => x[row * k + i]! * weightOf(i, column)).reduce(
          (a, b) => a + b,
          bias[column]!,
        );
      });
    const plain = (i: number, column: number): number => matrix[i * units + column]!;
    expectClose(product('float32'), truth(plain), 1e-6);
    const rounded = truth((i, column) => Math.round(plain(i, column) / scale(column)) * scale(column));
    expectClose(product('int8'), rounded, 1e-4);
  });

  it('run bound layers and a product in the bits of one call each, and refuse a row that is not there', () => {
    const [rows, hidden, units, lstm] = [3, 17, 5, 2];
    const sizes = { gates: gateCounts[lstm]!, units: hidden, packing: 'float32' } as const;
    const weights = [21, 22, 23].map((seed) =>
      packedOf(kernels, { k: hidden, ...sizes }, numbers(hidden * sizes.gates * hidden, seed)),
    );
    const shape = { k: hidden, gates: 1, units, packing: 'float32' } as const;
    const packed = packedOf(kernels, shape, numbers(hidden * units, 24));
    const table = numbers(rows * sizes.gates * hidden, 25);
    const make = () => {
      const [below, above, out] = [hidden, hidden, units].map((length) => new Float32Array(length));
      const states = () => ({ h: new Float32Array(hidden), c: new Float32Array(hidden) });
      const common = {
        cell: lstm,
        packing: 'float32',
        steps: 1,
        batch: 1,
        hidden,
        stride: hidden,
        reverse: false,
      } as const;
      const first = { ...common, projected: table, kernel: weights[0]!, outputs: below!, ...states() };
      const read = { inputs: hidden, x: below!, weight: weights[1]!, shift: numbers(sizes.gates * hidden, 26) };
      const second = { ...common, ...read, kernel: weights[2]!, outputs: above!, ...states() };
      return { first, second, product: { ...shape, rows: 1, x: above!, packed, out: out! } };
    };
    const [bound, apart] = [make(), make()];
    const run = kernels.bindPacked({ layers: [bound.first, bound.second], product: bound.product, table: rows });
    for (const row of [2, 0, 0, 1]) {
      run(row);
      const width = sizes.gates * hidden;
      kernels.recurrentPacked({ ...apart.first, projected: table.subarray(row * width, (row + 1) * width) });
      kernels.recurrentPacked(apart.second);
      kernels.multiplyPacked(apart.product);
      expect(bound.product.out).toEqual(apart.product.out);
    }
    for (const row of [3, -1, 0.5, undefined]) expect(() => run(row)).toThrow('the row must be an integer from 0 to 2');
  });

  it('run bound layers on as many steps as a call names, in the bits of one call each', () => {
    const [most, inputs, hidden, units, gru] = [40, 20, 17, 5, 3];
    const sizes = { gates: gateCounts[gru]!, units: hidden, packing: 'float32' } as const;
    const columns = sizes.gates * hidden;
    const x = numbers(most * inputs, 41);
    const [weight, kernel] = [inputs, hidden].map((k) => packedOf(kernels, { k, ...sizes }, numbers(k * columns, k)));
    const shape = { k: 2 * hidden, gates: 1, units, packing: 'float32' } as const;
    const packed = packedOf(kernels, shape, numbers(2 * hidden * units, 42));
    const [shift, bias] = [numbers(columns, 43), numbers(columns, 44)];
    const h = new Float32Array(2 * hidden);
    const direction = (which: number, steps: number, projected?: Float32Array) => ({
      ...{ cell: gru, packing: 'float32' as const, steps, batch: 1, hidden, stride: hidden, reverse: which === 1 },
      ...{ inputs, x: x.subarray(0, steps * inputs), weight: weight!, shift, projected, kernel: kernel!, bias },
      outputs: new Float32Array(steps * hidden),
      h: h.subarray(which * hidden, (which + 1) * hidden),
    });
    const product = { ...shape, rows: 1, x: h, packed, out: new Float32Array(units) };
    for (const room of [undefined, new Float32Array(most * columns)]) {
      const layers = [direction(0, most, room), direction(1, most, room)];
      const run = kernels.bindPacked({ layers, product });
      for (const steps of [7, undefined, 1, 39]) {
        h.fill(0);
        run(...(steps === undefined ? [] : [steps]));
        const found = [h.slice(), product.out.slice(), layers[1]!.outputs.slice(0, (steps ?? most) * hidden)];
        h.fill(0);
        const apart = [0, 1].map((which) => direction(which, steps ?? most));
        for (const each of apart) kernels.recurrentPacked(each);
        kernels.multiplyPacked(product);
        expect(found).toEqual([h, product.out, apart[1]!.outputs]);
      }
      for (const steps of [0, most + 1, 0.5, NaN])
        expect(() => run(steps)).toThrow('the steps must be an integer from 1 to 40');
    }
    const bind = (...layers: Parameters<typeof kernels.bindPacked>[0]['layers']) =>
      kernels.bindPacked({ layers, product });
    expect(() => bind(direction(0, 4), direction(0, 3))).toThrow('steps must be those of the first layer');
    const two = {
      ...direction(0, 2),
      batch: 2,
      x: x.subarray(0, 4 * inputs),
      outputs: new Float32Array(4 * hidden),
      h,
    };
    expect(() => bind(two)).toThrow('batch must be 1, without counts');
    const room = new Float32Array(columns);
    expect(() => bind({ ...direction(0, 1, room), packing: 'int8' })).toThrow(
      'projected must be omitted where weight is int8',
    );
  });

  it('keep what is not a number', () => {
    const shape = { k: 2, units: 2, gates: 1 };
    const of = (packing: Packing, matrix: number[], x: number[]): number[] => {
      const out = new Float32Array(2);
      const packed = packedOf(kernels, { ...shape, packing }, Float32Array.from(matrix));
      kernels.multiplyPacked({ ...shape, packing, rows: 1, x: Float32Array.from(x), packed, out });
      return [...out];
    };
    for (const packing of ['float32', 'int8'] as const) {
      expect(of(packing, [NaN, 1, 1, 1], [1, 1])[0]).toBeNaN();
      expect(of(packing, [1, 1, 1, 1], [1, NaN])).toEqual([NaN, NaN]);
      expect(of(packing, [0, 0, 0, 0], [1, 1])).toEqual([0, 0]);
    }
  });

  it('refuse what was packed otherwise, and cells that they do not have', () => {
    const shape = { k: 4, units: 4, gates: 1, packing: 'float32' } as const;
    const [x, out] = [new Float32Array(4), new Float32Array(4)];
    const packed = new Uint8Array(kernels.packedSize(shape));
    const multiply = () => kernels.multiplyPacked({ ...shape, rows: 1, x, packed, out });
    expect(multiply).toThrow('packed was not packed for these sizes by this instruction set');
    kernels.pack({ ...shape, matrix: new Float32Array(16), packed });
    expect(multiply).not.toThrow();
    if (isa !== 'portable') {
      kernels.choose('portable');
      expect(multiply).toThrow(/packed/);
      kernels.choose(isa);
    }
    expect(() => kernels.packedSize({ ...shape, packing: 'int4' as never })).toThrow(
      'packing must be float32 or int8, not int4',
    );
    const layer = {
      cell: 5,
      packing: 'float32',
      steps: 1,
      batch: 1,
      hidden: 4,
      reverse: false,
      kernel: packed,
      outputs: out,
      stride: 4,
      h: x,
    };
    expect(() => kernels.bindPacked({ layers: [layer as never], product: {} as never })).toThrow(
      'cell must be one whose',
    );
    expect(() => kernels.bindPacked({ layers: [], product: {} as never })).toThrow('layers must be an array');
    expect(() => kernels.recurrentPacked(layer as never)).toThrow('cell must be one whose gates');
    const counted = { ...layer, cell: 0, steps: 2, batch: 2 };
    for (const counts of [
      [1, 1],
      [2, 3],
      [2, 0],
    ])
      expect(() => kernels.recurrentPacked({ ...counted, counts: Int32Array.from(counts) } as never)).toThrow(
        'counts must begin with batch, be at least 1, and never rise',
      );
  });
});
