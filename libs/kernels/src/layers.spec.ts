import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';
import {
  attentionByDefinition,
  expectSlopes,
  normByDefinition,
  treeByDefinition,
  type Attended,
  type Attending,
} from './testing/layers.fixture';

/** Guarded arrays of these lengths, by name. */
function outputs<Name extends string>(lengths: Record<Name, number>) {
  const all = Object.entries<number>(lengths).map(([name, length]) => [name, guarded(length)] as const);
  return {
    values: Object.fromEntries(all.map(([name, { values }]) => [name, values])) as Record<Name, Float32Array>,
    intact: () => all.every(([, { intact }]) => intact()),
  };
}

const double = (values: Float32Array): Float64Array => Float64Array.from(values);
const weighted = (values: ArrayLike<number>, by: Float32Array): number =>
  by.reduce((sum, weight, at) => sum + weight * values[at]!, 0);
const maskOf = (count: number, seed: number): Uint8Array =>
  Uint8Array.from(numbers(count, seed), (value) => Number(value > -0.4));

describeEachInstructionSet('the kernels of layers', (kernels) => {
  it.each([
    [2, 3, 5],
    [1, 130, 16],
    [2, 65, 33],
  ])('normalise rows: %j lanes, %j rows, %j numbers', (lanes, rows, width) => {
    const [all, wide] = [lanes * rows * width, lanes * width];
    const [x, gain, shift] = [numbers(all, 1, 3), numbers(wide, 2), numbers(wide, 3)];
    const [gradOut, added] = [numbers(all, 4), numbers(all, 5)];
    const { values, intact } = outputs({
      ...{ out: all, moments: lanes * rows * 2, gradX: all, gradGain: wide, gradShift: wide },
    });
    const given = { lanes, rows, width, x, gain, ...values };
    kernels.layerNorm({ ...given, shift });
    kernels.layerNormGradient({ ...given, gradOut, added });
    const truth = { x: double(x), gain: double(gain), shift: double(shift) };
    const run = (): Float64Array => normByDefinition({ rows, width }, truth);
    expectClose(values.out, run());
    const ofX = values.gradX.map((value, at) => value - added[at]!);
    expectSlopes(Object.values(truth), [ofX, values.gradGain, values.gradShift], () => weighted(run(), gradOut));
    expect(intact()).toBe(true);
  });

  it.each([
    { lanes: 2, steps: 5, batch: 3, heads: 2, size: 3, masked: true },
    { lanes: 1, steps: 70, batch: 1, heads: 1, size: 17, masked: true },
    { lanes: 1, steps: 130, batch: 1, heads: 2, size: 4, masked: false },
    { lanes: 1, steps: 1, batch: 2, heads: 2, size: 1, masked: false },
  ])('attend to earlier steps: %j', ({ masked, ...shape }) => {
    const { lanes, steps, batch, heads, size } = shape;
    const [rows, hidden] = [lanes * steps * batch, heads * size];
    const three = numbers(rows * 3 * hidden, 1, 2);
    const valid = masked ? maskOf(rows, 3) : undefined;
    const gradOut = numbers(rows * hidden, 4);
    const { values, intact } = outputs({ out: rows * hidden, moments: rows * heads * 2, gradThree: rows * 3 * hidden });
    const given = { ...shape, three, valid, gradOut, ...values };
    kernels.selfAttention(given);
    kernels.selfAttentionGradient(given);
    const parts = (of: Float32Array): Float64Array[] =>
      [0, 1, 2].map((which) => double(of.filter((_, at) => Math.floor((at % (3 * hidden)) / hidden) === which)));
    const inputs = parts(three) as [Float64Array, Float64Array, Float64Array];
    const attending: Attending = {
      ...{ outer: lanes, inner: batch, heads, queryCount: steps, keyCount: steps, units: size, width: size },
      ...{ scale: 1 / Math.sqrt(size), causal: true, valid, lanes },
    };
    const run = (): Float64Array => attentionByDefinition(attending, inputs).out;
    expectClose(values.out, run());
    expectSlopes(inputs, parts(values.gradThree), () => weighted(run(), gradOut));
    expect(intact()).toBe(true);
  });

  it.each([
    { lanes: 2, sequences: 4, queryCount: 3, keyCount: 5, units: 7, width: 9, additive: true, masked: true },
    { lanes: 1, sequences: 2, queryCount: 3, keyCount: 5, units: 7, width: 14, additive: false, masked: true },
    { lanes: 1, sequences: 1, queryCount: 66, keyCount: 33, units: 16, width: 32, additive: false, masked: false },
    { lanes: 1, sequences: 1, queryCount: 66, keyCount: 18, units: 18, width: 3, additive: true, masked: false },
  ])('attend to other sequences: %j', ({ additive, masked, ...shape }) => {
    const { lanes, sequences, queryCount, keyCount, units, width } = shape;
    const [asking, asked] = [sequences * queryCount, sequences * keyCount];
    const [queries, keys, values] = [numbers(asking * units, 1), numbers(asked * units, 2), numbers(asked * width, 3)];
    const score = additive ? numbers(lanes * units, 4) : undefined;
    // No key of the last sequence counts: then all weigh the same.
    const valid = masked ? maskOf(asked, 3).fill(0, asked - keyCount) : undefined;
    const gradOut = numbers(asking * width, 5);
    const { values: given, intact } = outputs({
      ...{ out: asking * width, weights: asking * keyCount, moments: asking * 2 },
      ...{ gradQueries: asking * units, gradKeys: asked * units, gradValues: asked * width, gradScore: lanes * units },
    });
    const all = { ...shape, queries, keys, values, valid, score, gradOut, ...given };
    kernels.attention(all);
    kernels.attentionGradient(all);
    const attending: Attending = {
      ...{ outer: sequences, inner: 1, heads: 1, queryCount, keyCount, units, width },
      ...{ scale: 1, causal: false, valid, lanes },
    };
    const inputs = [queries, keys, values, ...(score ? [score] : [])].map(double);
    const run = () => attentionByDefinition(attending, inputs as unknown as Attended);
    expectClose(given.out, run().out);
    expectClose(given.weights, run().weights);
    const ours = [given.gradQueries, given.gradKeys, given.gradValues, ...(score ? [given.gradScore] : [])];
    expectSlopes(inputs, ours, () => weighted(run().out, gradOut));
    expect(intact()).toBe(true);
  });

  it.each([
    { lanes: 2, nodes: 3, arity: 2, hidden: 5 },
    { lanes: 1, nodes: 2, arity: 3, hidden: 16 },
    { lanes: 1, nodes: 5, arity: 1, hidden: 33 },
  ])('compute nodes of trees from their children: %j', (level) => {
    const { lanes, nodes, arity, hidden } = level;
    const own = lanes * nodes * hidden;
    const read = {
      ...{ children: numbers(2 * own * arity, 1), sum: numbers(lanes * 3 * hidden ** 2, 2) },
      ...{ bias: numbers(lanes * 3 * hidden, 3), forget: numbers(lanes * hidden ** 2, 4) },
      forgetBias: numbers(lanes * hidden, 5),
    };
    const gradStates = numbers(2 * own, 6);
    const { values, intact } = outputs({
      ...{ states: 2 * own, gates: 3 * own, forgets: own * arity, gradChildren: 2 * own * arity },
      ...{ gradSum: read.sum.length, gradBias: read.bias.length },
      ...{ gradForget: read.forget.length, gradForgetBias: read.forgetBias.length },
    });
    const given = { ...level, ...read, gradStates, ...values };
    kernels.treeNodes(given);
    const truth = Object.fromEntries(Object.entries(read).map(([name, array]) => [name, double(array)]));
    const run = (): Float64Array => treeByDefinition(level, truth);
    expectClose(values.states, run());
    kernels.treeNodesGradient(given);
    const { gradChildren, gradSum, gradBias, gradForget, gradForgetBias } = values;
    const ours = [gradChildren, gradSum, gradBias, gradForget, gradForgetBias];
    expectSlopes(Object.values(truth), ours, () => weighted(run(), gradStates));
    expect(intact()).toBe(true);
  });

  it('compute leaves of trees', () => {
    const level = { lanes: 2, nodes: 3, arity: 0, hidden: 9 };
    const sums = numbers(2 * 3 * 27, 1, 2);
    const gradStates = numbers(2 * 3 * 18, 2);
    const { values, intact } = outputs({ states: 108, gates: 162, gradGates: 162 });
    values.gates.set(sums);
    kernels.treeNodes({ ...level, ...values });
    kernels.treeNodesGradient({ ...level, ...values, gradStates });
    const gates = double(sums);
    const run = (): Float64Array => treeByDefinition(level, { gates });
    expectClose(values.states, run());
    expectSlopes([gates], [values.gradGates], () => weighted(run(), gradStates));
    expect(intact()).toBe(true);
  });

  it('end a product by what is added, a positive part and a gate', () => {
    for (const [m, n, k] of [
      [5, 33, 7],
      [29, 20, 600],
    ] as const) {
      const [a, b, bias] = [numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3)];
      const [added, gate] = [numbers(m * n, 4), numbers(m * n, 5)];
      const product = { a, b, lanes: 1, lanesA: 1, lanesB: 1, m, n, k, transposeA: false, transposeB: false };
      const [plain, ended] = [guarded(m * n), guarded(m * n)];
      kernels.multiply({ ...product, bias, c: plain.values });
      kernels.multiply({ ...product, bias, added, gate, activation: 'relu', c: ended.values });
      const right = plain.values.map((sum, at) => (gate[at]! > 0 ? Math.max(0, Math.fround(sum + added[at]!)) : 0));
      expect(ended.values).toEqual(right);
      kernels.multiply({ ...product, bias, activation: 'tanh', c: ended.values });
      expectClose(ended.values, plain.values.map(Math.tanh), 1e-6);
      expect(plain.intact() && ended.intact()).toBe(true);
    }
  });

  it('give the same bits on several threads', () => {
    const shape = { lanes: 2, steps: 70, batch: 3, heads: 2, size: 5 };
    const rows = shape.lanes * shape.steps * shape.batch;
    const three = numbers(rows * 30, 1);
    const attend = (threads: number): Float32Array[] => {
      kernels.useThreads(threads);
      const [out, moments, gradThree] = [rows * 10, rows * 4, rows * 30].map((length) => new Float32Array(length));
      const all = {
        ...shape,
        three,
        out: out!,
        moments: moments!,
        gradThree: gradThree!,
        gradOut: numbers(rows * 10, 2),
      };
      kernels.selfAttention(all);
      kernels.selfAttentionGradient(all);
      const norm = {
        lanes: 2,
        rows: rows / 2,
        width: 30,
        x: three,
        gain: numbers(60, 3),
        moments: new Float32Array(2 * rows),
      };
      const [normalised, gradX, gradGain] = [rows * 30, rows * 30, 60].map((length) => new Float32Array(length));
      kernels.layerNorm({ ...norm, out: normalised! });
      kernels.layerNormGradient({ ...norm, gradOut: three, gradX: gradX!, gradGain: gradGain! });
      return [out!, gradThree!, normalised!, gradX!, gradGain!];
    };
    const alone = attend(1);
    const together = attend(3);
    kernels.useThreads(1);
    expect(together).toEqual(alone);
  });

  it('turn axes, and give the gradient of a tanh', () => {
    const x = numbers(2 * 3 * 4 * 5, 1);
    const turned = (order: number[]): Float32Array => {
      const out = guarded(x.length);
      kernels.permute({ shape: Int32Array.of(1, 1, 2, 3, 4, 5), order: Int32Array.from(order), x, out: out.values });
      expect(out.intact()).toBe(true);
      return out.values;
    };
    const at = (a: number, b: number, c: number, d: number): number => x[((a * 3 + b) * 4 + c) * 5 + d]!;
    const whole = turned([0, 1, 2, 4, 3, 5]);
    const single = turned([1, 5, 3, 0, 2, 4]);
    for (let index = 0; index < x.length; index++) {
      const [d, b, c] = [index % 5, Math.floor(index / 5) % 3, Math.floor(index / 15) % 4];
      expect(whole[index]).toBe(at(Math.floor(index / 60), b, c, d));
      const [last, first, second] = [index % 4, Math.floor(index / 4) % 2, Math.floor(index / 8) % 3];
      expect(single[index]).toBe(at(first, second, last, Math.floor(index / 24)));
    }
    expect(() => turned([0, 1, 2, 3, 4, 4])).toThrow('order must have each axis once');
    const [y, gradient, out] = [numbers(19, 2), numbers(19, 3), guarded(19)];
    kernels.tanhGradient({ count: 19, y, gradient, out: out.values });
    expectClose(
      out.values,
      y.map((value, index) => gradient[index]! * (1 - value * value)),
      1e-6,
    );
    expect(out.intact()).toBe(true);
  });

  it('look up rows, 0 where there is none', () => {
    const out = guarded(6);
    const table = { count: 3, rows: 2, width: 2, table: Float32Array.of(1, 2, 3, 4), out: out.values };
    expect(() => kernels.gather({ ...table, ids: Int32Array.of(1, -1, 0) })).toThrow('ids must be in [0, 2), not -1');
    kernels.gather({ ...table, ids: Int32Array.of(1, -1, 0), padded: true });
    expect([...out.values]).toEqual([3, 4, 0, 0, 1, 2]);
    expect(out.intact()).toBe(true);
  });
});
