import type { InstructionSet, Kernels } from './addon';
import { openKernels } from './open-kernels';

function kernelsHere(): Kernels | undefined {
  try {
    return openKernels('');
  } catch {
    return undefined;
  }
}

const kernels = kernelsHere()!;
const guard = 12345;
const margin = 64;

/** Values in (−1, 1), the same for the same seed. */
function numbers(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** An array between two margins, to find out whether anything is written beyond its ends. */
function guarded(count: number): { values: Float32Array; intact: () => boolean } {
  const all = new Float32Array(count + 2 * margin).fill(guard);
  return {
    values: all.subarray(margin, margin + count),
    intact: () => [...all.subarray(0, margin), ...all.subarray(margin + count)].every((value) => value === guard),
  };
}

function expectClose(ours: ArrayLike<number>, truth: ArrayLike<number>, tolerance = 1e-5): void {
  let [difference, size] = [0, 0];
  for (let index = 0; index < truth.length; index++) {
    difference += (ours[index]! - truth[index]!) ** 2;
    size += truth[index]! ** 2;
  }
  expect(Math.sqrt(difference)).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.sqrt(size)));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const gatesOf = [1, 1, 4, 3];

interface Layer {
  cell: number;
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  reverse: boolean;
  masked: boolean;
}

function inputsOf({ cell, lanes, steps, batch, hidden, reverse, masked }: Layer) {
  const columns = gatesOf[cell]! * hidden;
  const kernel = numbers(lanes * hidden * columns, 1).map((value) => value / Math.sqrt(hidden));
  const valid = Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0));
  return {
    ...{ cell, lanes, steps, batch, hidden, reverse, kernel },
    bias: cell === 3 ? numbers(lanes * columns, 2) : undefined,
    valid: masked ? valid : undefined,
    h0: numbers(lanes * batch * hidden, 3),
    c0: cell === 2 ? numbers(lanes * batch * hidden, 4) : undefined,
    projected: numbers(lanes * steps * batch * columns, 5).map((value) => 2 * value),
    /** Added to h after each step. */
    probe: new Float32Array(lanes * steps * batch * hidden),
  };
}

/** The layer by its equations, in float64: the sum of all outputs and final states, each times its weight. */
function lossOf(inputs: ReturnType<typeof inputsOf>, weights: Float32Array, outputs?: number[]): number {
  const { cell, lanes, steps, batch, hidden, reverse, kernel, bias, valid, projected, probe } = inputs;
  const gates = gatesOf[cell]!;
  let loss = 0;
  for (let lane = 0; lane < lanes; lane++)
    for (let row = 0; row < batch; row++) {
      const start = (lane * batch + row) * hidden;
      let h = Array.from(inputs.h0.subarray(start, start + hidden));
      let c = Array.from(inputs.c0?.subarray(start, start + hidden) ?? h);
      for (let index = 0; index < steps; index++) {
        const at = (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
        const counts = valid ? valid[at] === 1 : true;
        const product = (gate: number, unit: number): number => {
          let sum = bias ? bias[lane * gates * hidden + gate * hidden + unit]! : 0;
          for (let k = 0; k < hidden; k++) sum += h[k]! * kernel[((lane * hidden + k) * gates + gate) * hidden + unit]!;
          return sum;
        };
        const x = (gate: number, unit: number): number => projected[(at * gates + gate) * hidden + unit]!;
        const z = (gate: number, unit: number): number => x(gate, unit) + product(gate, unit);
        const [before, beforeC] = [h, c];
        if (counts && cell === 2)
          c = beforeC.map((value, unit) => sigmoid(z(1, unit)) * value + sigmoid(z(0, unit)) * Math.tanh(z(2, unit)));
        if (counts)
          h = before.map((value, unit) => {
            if (cell === 0) return Math.tanh(z(0, unit));
            if (cell === 1) return Math.max(0, z(0, unit));
            if (cell === 2) return sigmoid(z(3, unit)) * Math.tanh(c[unit]!);
            const n = Math.tanh(x(2, unit) + sigmoid(z(0, unit)) * product(2, unit));
            return n + sigmoid(z(1, unit)) * (value - n);
          });
        if (counts) h = h.map((value, unit) => value + probe[at * hidden + unit]!);
        for (let unit = 0; unit < hidden; unit++) {
          const output = counts ? h[unit]! : 0;
          if (outputs) outputs[at * hidden + unit] = output;
          loss += output * weights[at * hidden + unit]!;
        }
      }
      for (let unit = 0; unit < hidden; unit++)
        loss += h[unit]! * weights[start + unit]! + (cell === 2 ? c[unit]! * weights[start + unit + 1]! : 0);
    }
  return loss;
}

/** The kernels' answer for the same, and whether all that they wrote lies within its array. */
function run(inputs: ReturnType<typeof inputsOf>, weights: Float32Array) {
  const { cell, lanes, steps, batch, hidden, valid, bias } = inputs;
  const [state, sequence, gates] = [lanes * batch * hidden, lanes * steps * batch * hidden, gatesOf[cell]!];
  const all: ReturnType<typeof guarded>[] = [];
  const array = (count: number, there = true): Float32Array | undefined => {
    if (there) all.push(guarded(count));
    return there ? all.at(-1)!.values : undefined;
  };
  const outputs = array(sequence)!;
  const forward = {
    ...inputs,
    outputs,
    hiddens: valid ? array(sequence)! : outputs,
    gates: array(sequence * gates)!,
    cells: array(sequence, cell === 2),
    products: array(sequence, cell === 3),
    hT: array(state)!,
    cT: array(state, cell === 2),
  };
  kernels.recurrent(forward);
  const gradients = {
    ofProjected: array(sequence * gates)!,
    ofKernel: array(lanes * hidden * hidden * gates)!,
    ofBias: array(lanes * gates * hidden, bias !== undefined),
    ofH0: array(state)!,
    ofC0: array(state, cell === 2),
    ofHiddens: array(sequence)!,
  };
  kernels.recurrentGradient({
    ...forward,
    ...gradients,
    ofOutputs: weights.slice(0, sequence),
    ofHT: weights.slice(0, state),
    ofCT: cell === 2 ? weights.slice(1, 1 + state) : undefined,
  });
  return { outputs, gradients, intact: () => all.every((each) => each.intact()) };
}

/** Outputs by cell and hidden size: slow to compute, and the same for every instruction set. */
const truths = new Map<string, number[]>();

const shapes: Omit<Layer, 'cell'>[] = [
  { lanes: 1, steps: 1, batch: 1, hidden: 1, reverse: false, masked: false },
  { lanes: 2, steps: 3, batch: 1, hidden: 2, reverse: true, masked: true },
  { lanes: 1, steps: 2, batch: 7, hidden: 15, reverse: false, masked: true },
  { lanes: 2, steps: 2, batch: 5, hidden: 17, reverse: true, masked: false },
  { lanes: 1, steps: 2, batch: 13, hidden: 33, reverse: false, masked: false },
  { lanes: 1, steps: 2, batch: 3, hidden: 65, reverse: true, masked: true },
];

(kernels ? describe : describe.skip).each(kernels?.instructionSets() ?? (['portable'] as InstructionSet[]))(
  `the kernels with %s${kernels ? '' : ' (skipped: the addon is not built, there is no compiler)'}`,
  (isa) => {
    beforeAll(() => kernels.choose(isa));

    it.each([0, 1, 2, 3])('compute cell %i by its equations, and its gradient, within their arrays', (cell) => {
      for (const shape of shapes) {
        const inputs = inputsOf({ cell, ...shape });
        const { lanes, steps, batch, hidden } = shape;
        const weights = numbers(lanes * (steps + 1) * batch * hidden + 1, 6);
        const truth: number[] = [];
        lossOf(inputs, weights, truth);
        const { outputs, gradients, intact } = run(inputs, weights);
        expectClose(outputs, truth);
        expect(intact()).toBe(true);
        // Central differences at some values of each input.
        for (const [name, gradient] of [
          ['projected', gradients.ofProjected],
          ['kernel', gradients.ofKernel],
          ['h0', gradients.ofH0],
          ['c0', gradients.ofC0],
          ['bias', gradients.ofBias],
          ['probe', gradients.ofHiddens],
        ] as const) {
          if (!gradient) continue;
          const values = inputs[name]!;
          for (let at = 0; at < values.length; at += Math.ceil(values.length / 5)) {
            const shifted = (by: number): number => {
              const moved = Float64Array.from(values);
              moved[at]! += by;
              return lossOf({ ...inputs, [name]: moved as unknown as Float32Array }, weights);
            };
            expect(gradient[at]! - (shifted(1e-5) - shifted(-1e-5)) / 2e-5).toBeCloseTo(0, 3);
          }
        }
      }
    });

    it('give the same whatever the hidden size is a remainder of, up to 1,025', () => {
      for (const hidden of [16, 31, 100, 255, 300, 1025])
        for (const cell of [0, 2, 3]) {
          const inputs = inputsOf({ cell, lanes: 1, steps: 2, batch: 2, hidden, reverse: false, masked: false });
          const weights = numbers(3 * 2 * hidden + 1, 6);
          const key = `${cell} ${hidden}`;
          const truth = truths.get(key) ?? [];
          if (truth.length === 0) lossOf(inputs, weights, truth);
          truths.set(key, truth);
          const { outputs, intact } = run(inputs, weights);
          expectClose(outputs, truth);
          expect(intact()).toBe(true);
        }
    });

    it('multiply matrices of any shape, transposed or not, one lane or several, within their arrays', () => {
      for (const [m, n, k] of [
        [1, 1, 1],
        [1, 17, 3],
        [14, 32, 256],
        [15, 33, 257],
        [29, 65, 513],
        [505, 7, 20],
      ] as const)
        for (const [transposeA, transposeB] of [
          [false, false],
          [true, false],
          [false, true],
          [true, true],
        ] as const)
          for (const [lanesA, lanesB] of [
            [1, 1],
            [2, 1],
            [2, 2],
          ] as const) {
            const [a, b] = [numbers(lanesA * m * k, 1), numbers(lanesB * k * n, 2)];
            const lanes = Math.max(lanesA, lanesB);
            const { values: c, intact } = guarded(lanes * m * n);
            kernels.multiply({ a, b, c, lanes, lanesA, lanesB, m, n, k, transposeA, transposeB });
            const truth = new Float64Array(c.length);
            for (let at = 0; at < c.length; at++) {
              const [lane, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
              const [ofA, ofB] = [lanesA > 1 ? lane * m * k : 0, lanesB > 1 ? lane * k * n : 0];
              for (let each = 0; each < k; each++)
                truth[at]! +=
                  a[ofA + (transposeA ? each * m + row : row * k + each)]! *
                  b[ofB + (transposeB ? column * k + each : each * n + column)]!;
            }
            expectClose(c, truth, 2e-6);
            expect(intact()).toBe(true);
          }
    });

    it('have an exp and a tanh within 1e-6 of the true ones, relatively, near 0 and far from it', () => {
      const x = Float32Array.from({ length: 8003 }, (_, index) =>
        index < 4001 ? Math.sign(index - 2000) * 10 ** ((Math.abs(index - 2000) - 1600) / 200) : (index - 6002) / 23,
      );
      for (const [ours, truth] of [
        ['tangent', Math.tanh],
        ['exponential', Math.exp],
      ] as const) {
        const { values: out, intact } = guarded(x.length);
        kernels[ours]({ count: x.length, x, out });
        expect(intact()).toBe(true);
        out.forEach((value, index) => {
          const right = truth(x[index]!);
          if (right > 3.4e38) expect(value).toBe(Infinity);
          else if (Math.abs(right) < 1.3e-38) expect(Math.abs(value)).toBeLessThan(1.3e-38);
          else expect(Math.abs(value / right - 1)).toBeLessThan(1e-6);
        });
        const special = new Float32Array(4);
        kernels[ours]({ count: 4, x: Float32Array.of(NaN, Infinity, -Infinity, 0), out: special });
        expect([...special]).toEqual(ours === 'tangent' ? [NaN, 1, -1, 0] : [NaN, Infinity, 0, 1]);
      }
    });

    it('sum rows by their ids, and look them up', () => {
      const [ids, width] = [Int32Array.of(2, 0, 2), 19];
      const gradient = numbers(3 * width, 1);
      const out = guarded(3 * width);
      kernels.scatter({ count: 3, rows: 3, width, ids, gradient, out: out.values });
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

    it('drop by counters, and write nothing beyond a mask', () => {
      const shape = { rows: 3, blocks: 2, width: 19, blocksOfRow: 2, units: 32 };
      // The first word under key and counter 0, as its authors publish it, is 0x6b200159.
      const first = 0x6b200159;
      for (const [least, value] of [
        [first, 4],
        [first + 1, 0],
      ]) {
        const { values: out, intact } = guarded(2 * 3 * 2 * 19);
        const keys = Int32Array.of(0, 0, 0, least!, 1, 2, 3, 0);
        kernels.dropoutMask({ ...shape, lanes: 2, keys, scales: Float32Array.of(4, 5), out });
        expect(out[0]).toBe(value);
        expect(new Set(out.subarray(0, 114))).toEqual(new Set([0, 4]));
        expect(new Set(out.subarray(114))).toEqual(new Set([5]));
        expect(intact()).toBe(true);
      }
    });

    it('refuse arguments of another type, length or range, and say which', () => {
      const three = new Float32Array(3);
      const product = { a: three, b: three, c: three, lanes: 1, lanesA: 1, lanesB: 1, m: 1, n: 3, k: 1 };
      const call = (changes: object) => () =>
        kernels.multiply({ ...product, transposeA: false, transposeB: false, ...changes });
      expect(call({})).toThrow('a must have 1 values, not 3');
      expect(call({ a: [1] })).toThrow('a must be a Float32Array');
      expect(call({ m: 0 })).toThrow('m must be a whole number from 1');
      expect(call({ m: 1.5 })).toThrow('m must be a whole number from 1');
      expect(call({ m: 2 ** 40 })).toThrow('m must be a whole number from 1');
      expect(call({ lanes: 3, lanesA: 2 })).toThrow('lanesA and lanesB must be 1 or lanes');
      const table = { count: 1, rows: 3, width: 1, table: three, out: new Float32Array(1) };
      expect(() => kernels.gather({ ...table, ids: Int32Array.of(3) })).toThrow('ids must lie in [0, 3), not 3');
      expect(() => kernels.gather({ ...table, ids: Int32Array.of(-1) })).toThrow('ids must lie in [0, 3), not -1');
      expect(() => (kernels.norms as () => void)()).toThrow('expected one object of arguments');
      expect(() => kernels.choose('sse' as never)).toThrow('this processor has no instruction set "sse"');
      const inputs = inputsOf({ ...shapes[0]!, cell: 2 });
      expect(() => run({ ...inputs, h0: three }, numbers(9, 1))).toThrow('h0 must have 1 values, not 3');
    });
  },
);

(kernels ? describe : describe.skip)(
  `opening the kernels${kernels ? '' : ' (skipped: the addon is not built)'}`,
  () => {
    it('takes the best instruction set, or the one that is named, and refuses one that is not there', () => {
      const [best, ...others] = openKernels('').instructionSets();
      expect(openKernels('').instructionSet()).toBe(best);
      for (const name of others) expect(openKernels(name).instructionSet()).toBe(name);
      expect(() => openKernels('abacus')).toThrow(/^UNROLL_ISA is "abacus", but there is only .*portable$/);
    });
  },
);
