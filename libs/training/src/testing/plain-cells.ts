import { stream } from '@unroll/random';

/**
 * For the specs: every cell again, for one row of one lane, in float64 and written as plainly as possible. Gradients come
 * from central differences of it.
 */

/** What a layer reads, of one lane; the same axes as in our layout without the lane's. */
export interface PlainLayer {
  gates: number;
  hidden: number;
  steps: number;
  batch: number;
  reverse: boolean;
  /** [time, batch, gates·hidden] */
  projected: Float64Array;
  /** Each [batch, hidden], or as wide as the cell has it. */
  states: Float64Array[];
  /** [hidden, gates·hidden] */
  kernel?: Float64Array;
  /** [gates·hidden] */
  bias?: Float64Array;
  /** Each [blocks·hidden], or a matrix [columns·hidden, blocks·hidden]. */
  own: Record<string, Float64Array>;
  /** [batch, hidden] */
  kept?: Float64Array;
  /** As in our layers: what the steps leave of the states as they are; `changes` of each state, [time, batch, hidden]. */
  zoneout?: { rate: number; changes?: Float64Array[] };
  /** [time, batch] */
  valid?: readonly number[];
}

type Vector = ArrayLike<number>;

interface Step {
  /** A gate's block of x·W. */
  x: (gate: number) => number[];
  /** A gate's block of h·U (+ b_hh). */
  u: (gate: number) => number[];
  /** All blocks side by side. */
  allX: number[];
  allU: number[];
  h: number[];
  /** h without the units that are dropped. */
  seen: number[];
  c: number[];
  /** All of them. */
  states: number[][];
  own: Record<string, Vector>;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const relu = (x: number): number => Math.max(0, x);
const each = (compute: (...values: number[]) => number, ...vectors: Vector[]): number[] =>
  Array.from(vectors[0]!, (_, index) => compute(...vectors.map((vector) => vector[index]!)));
const sum = (...vectors: Vector[]): number[] => each((a, b, c = 0) => a + b + c, ...vectors);
const product = (...vectors: Vector[]): number[] => each((a, b) => a * b, ...vectors);

function normalised(values: Vector, gain: Vector): number[] {
  const all = Array.from(values);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const variance = all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length;
  return each((x, factor) => ((x - mean) / Math.sqrt(variance + 1e-5)) * factor, all, gain);
}

const aboveZero = (x: number): number => (x >= 0 ? x + 0.5 : sigmoid(x));

/** i, f, g, o before their activations → h' and c'. */
function lstm([i, f, g, o]: number[][], c: Vector, ofC = (next: number[]): number[] => next): number[][] {
  const next = each((a, b, d, before) => sigmoid(b) * before + sigmoid(a) * Math.tanh(d), i!, f!, g!, c);
  return [each((a, squashed) => sigmoid(a) * Math.tanh(squashed), o!, ofC(next)), next];
}

const blocks = (values: readonly number[], count: number): number[][] =>
  Array.from({ length: count }, (_, block) =>
    values.slice((block * values.length) / count, ((block + 1) * values.length) / count),
  );

/** x·W, W [x.length, ·]. */
function timesMatrix(x: readonly number[], matrix: Vector): number[] {
  const columns = matrix.length / x.length;
  return Array.from({ length: columns }, (_, column) =>
    x.reduce((total, value, row) => total + value * matrix[row * columns + column]!, 0),
  );
}

/** The states after a step, and h where it is none of them. */
const cells: Record<string, (step: Step) => number[][]> = {
  'rnn-tanh': ({ x, u }) => [each(Math.tanh, sum(x(0), u(0)))],
  'rnn-relu': ({ x, u }) => [each(relu, sum(x(0), u(0)))],
  lstm: ({ allX, allU, c }) => lstm(blocks(sum(allX, allU), 4), c),
  gru({ x, u, h }) {
    const [r, z] = [0, 1].map((gate) => each(sigmoid, sum(x(gate), u(gate))));
    const n = each(Math.tanh, sum(x(2), product(r!, u(2))));
    return [each((a, candidate, before) => (1 - a) * candidate + a * before, z!, n, h)];
  },
  'layer-norm-lstm': ({ allX, allU, c, own }) =>
    lstm(blocks(sum(normalised(allX, own.gain_ih!), normalised(allU, own.gain_hh!), own.bias_ih!), 4), c, (next) =>
      sum(normalised(next, own.gain_c!), own.bias_c!),
    ),
  'peephole-lstm'({ x, u, c, own }) {
    const z = (gate: number): number[] => sum(x(gate), u(gate));
    const i = sum(z(0), product(own.weight_ci!, c));
    const f = sum(z(1), product(own.weight_cf!, c));
    const [, next] = lstm([i, f, z(2), z(3)], c);
    return lstm([i, f, z(2), sum(z(3), product(own.weight_co!, next!))], c);
  },
  'min-gru': ({ x, h }) => [
    each((z, candidate, before) => (1 - sigmoid(z)) * before + sigmoid(z) * aboveZero(candidate), x(0), x(1), h),
  ],
  'min-lstm': ({ x, h }) => [
    each(
      (f, i, candidate, before) =>
        (sigmoid(f) * before + sigmoid(i) * aboveZero(candidate)) / (sigmoid(f) + sigmoid(i)),
      ...[x(0), x(1), x(2), h],
    ),
  ],
  'rg-lru': ({ x, h, own }) => [
    each(
      (r, i, value, lambda, before) => {
        const a = Math.exp(-8 * Math.log1p(Math.exp(-lambda)) * sigmoid(r));
        return a * before + Math.sqrt(1 - a * a) * sigmoid(i) * value;
      },
      ...[x(0), x(1), x(2), own.lambda!, h],
    ),
  ],
  lru({ x, h, c, own }) {
    const decays = each((nu) => Math.exp(-Math.exp(nu)), own.nu_log!);
    const phases = each(Math.exp, own.theta_log!);
    const turn = (by: (radius: number, phase: number) => number): number[] => each(by, decays, phases);
    const [a, b] = [turn((r, phase) => r * Math.cos(phase)), turn((r, phase) => r * Math.sin(phase))];
    const scale = each((r) => Math.sqrt(1 - r * r), decays);
    const re = each((p, q, u, v, s, input) => p * u - q * v + s * input, a, b, h, c, scale, x(0));
    const im = each((p, q, u, v, s, input) => p * v + q * u + s * input, a, b, h, c, scale, x(1));
    const seen = timesMatrix([...re, ...im], own.weight_C!);
    const [value, gate] = blocks(sum(seen, [...x(2), ...x(3)]), 2);
    return [re, im, each((y, g) => y * sigmoid(g), value!, gate!)];
  },
  'selective-ssm'({ x, states, own }) {
    const silu = (value: number): number => value * sigmoid(value);
    const taken = x(0).map(silu);
    const delta = each((value, bias) => Math.log1p(Math.exp(value + bias)), x(1), own.bias_delta!);
    const count = states[0]!.length / x(0).length;
    const [a, b, c] = [own.A_log!, own.weight_B!, own.weight_C!].map((all) => blocks(Array.from(all), count));
    const dot = (weights: number[]): number => product(weights, taken).reduce((total, value) => total + value);
    const next = blocks(states[0]!, count).map((state, n) =>
      each(
        (before, step, log, value) => Math.exp(-step * Math.exp(log)) * before + step * value * dot(b![n]!),
        ...[state, delta, a![n]!, taken],
      ),
    );
    const y = next.reduce(
      (total, state, n) => each((sumSoFar, value) => sumSoFar + value * dot(c![n]!), total, state),
      product(own.D!, taken),
    );
    return [next.flat(), each((value, gate) => value * silu(gate), y, x(2))];
  },
  slstm({ allX, allU, c, states }) {
    const [i, f, z, o] = blocks(sum(allX, allU), 4);
    // The paper's own states, from the quotient c/n and log n.
    const n = states[2]!.map(Math.exp);
    const nextN = each((before, input, forget) => sigmoid(forget) * before + Math.exp(input), n, i!, f!);
    const nextC = each(
      (mean, before, input, forget, value) => sigmoid(forget) * mean * before + Math.exp(input) * Math.tanh(value),
      ...[c, n, i!, f!, z!],
    );
    const mean = each((value, normaliser) => value / normaliser, nextC, nextN);
    return [each((gate, value) => sigmoid(gate) * value, o!, mean), mean, nextN.map(Math.log)];
  },
  mlstm({ allX, x, states, own }) {
    const [matrix, sums, largest] = states as [number[], number[], number[]];
    const heads = largest.length;
    const units = sums.length / heads;
    const linear = (name: string): number[] =>
      sum(timesMatrix(allX.slice(0, 3 * sums.length), own[`weight_${name}`]!), own[`bias_${name}`]!);
    const [i, f] = [linear('i').map(Math.exp), linear('f').map(sigmoid)];
    const after: number[][] = [[], [], [], []];
    for (let head = 0; head < heads; head++) {
      const own = (block: number): number[] => x(block).slice(head * units, (head + 1) * units);
      const [q, k, v, o] = [own(0), own(1).map((value) => value / Math.sqrt(units)), own(2), own(3)];
      // The paper's own states: those that are carried are divided by e^m.
      const scale = Math.exp(largest[head]!);
      const n = k.map((value, a) => f[head]! * sums[head * units + a]! * scale + i[head]! * value);
      const c = k.map((key, a) =>
        v.map((value, b) => f[head]! * matrix[(head * units + a) * units + b]! * scale + i[head]! * value * key),
      );
      const along = n.reduce((total, value, a) => total + value * q[a]!, 0);
      const m = Math.max(Math.log(f[head]!) + largest[head]!, Math.log(i[head]!));
      after[0]!.push(...c.flat().map((value) => value / Math.exp(m)));
      after[1]!.push(...n.map((value) => value / Math.exp(m)));
      after[2]!.push(m);
      after[3]!.push(
        ...v.map((_, b) => {
          const read = c.reduce((total, values, a) => total + values[b]! * q[a]!, 0);
          return (sigmoid(o[b]!) * read) / Math.max(Math.abs(along), 1);
        }),
      );
    }
    return after;
  },
  'ind-rnn': ({ x, seen, own }) => [each(relu, sum(x(0), product(seen, own.weight_hh!)))],
  'feed-forward-tanh': ({ x }) => [each(Math.tanh, x(0))],
  'feed-forward-relu': ({ x }) => [each(relu, x(0))],
};

/** Outputs [time, batch, hidden], 0 at steps that do not count, and the final states, each [batch, hidden]. */
export function runPlain(name: string, layer: PlainLayer): Float64Array[] {
  const { hidden, steps, batch, gates, own } = layer;
  const outputs = new Float64Array(steps * batch * hidden);
  const states = layer.states.map((state) => state.slice());
  for (let turn = 0; turn < steps; turn++) {
    const t = layer.reverse ? steps - 1 - turn : turn;
    for (let row = 0; row < batch; row++) {
      if (layer.valid && layer.valid[t * batch + row] === 0) continue;
      const place = (t * batch + row) * gates * hidden;
      const allX = Array.from(layer.projected.subarray(place, place + gates * hidden));
      const before = states.map((state) => {
        const width = state.length / batch;
        return Array.from(state.subarray(row * width, (row + 1) * width));
      });
      const [h, c] = before;
      const seen = (h ?? []).map((value, unit) => value * (layer.kept?.[row * hidden + unit] ?? 1));
      const allU = timesKernel(seen, layer);
      const [x, u] = [blocks(allX, gates), blocks(allU, gates)];
      const given = cells[name]!({
        ...{ allX, allU, seen, own, h: h ?? [], c: c ?? [], states: before },
        x: (gate) => x[gate]!,
        u: (gate) => u[gate]!,
      });
      const next = given.map((values, index) => zoned(layer, values, before[index]!, index, t * batch + row));
      states.forEach((state, index) => state.set(next[index]!, (row * state.length) / batch));
      outputs.set(next[states.length] ?? next[0]!, (t * batch + row) * hidden);
    }
  }
  return [outputs, ...states];
}

/** What a step leaves of a state, from the values that the cell gives. */
function zoned(
  { zoneout, hidden }: PlainLayer,
  values: number[],
  before: number[],
  state: number,
  at: number,
): number[] {
  if (!zoneout) return values;
  const { rate, changes } = zoneout;
  return values.map((value, unit) => {
    if (!changes) return rate * before[unit]! + (1 - rate) * value;
    return changes[state]![at * hidden + unit]! > 0 ? value : before[unit]!;
  });
}

/** h·U + b_hh, as loops: most of the specs' time is spent here. */
function timesKernel(h: readonly number[], { kernel, bias, gates, hidden }: PlainLayer): number[] {
  const columns = gates * hidden;
  const result = bias ? Array.from(bias) : Array<number>(columns).fill(0);
  if (!kernel) return result;
  for (let unit = 0; unit < hidden; unit++)
    for (let column = 0; column < columns; column++) result[column]! += h[unit]! * kernel[unit * columns + column]!;
  return result;
}

const random = stream(3, 'noise');
/** Directions in which each variable is moved. */
const directions = Array.from({ length: 4 }, (_, direction) =>
  Float64Array.from({ length: 512 }, (_value, index) => random.normal(direction, index)),
);

/**
 * The slopes of `loss` by each array of `variables`, which it reads, in a few directions of all its values, from central
 * differences: a wrong gradient has other ones, but for a coincidence.
 */
export function slopes(variables: readonly Float64Array[], loss: () => number): Float64Array[] {
  const step = 1e-5;
  return variables.map((variable) => {
    const before = variable.slice();
    const at = (shift: number, direction: Float64Array): number => {
      before.forEach((value, index) => (variable[index] = value + shift * direction[index]!));
      const result = loss();
      variable.set(before);
      return result;
    };
    return Float64Array.from(directions, (each) => (at(step, each) - at(-step, each)) / (2 * step));
  });
}

/** The slopes in the same directions, from a gradient. */
export const slopesFrom = (gradient: ArrayLike<number>): Float64Array =>
  Float64Array.from(directions, (each) =>
    Array.from(gradient).reduce((sum, value, index) => sum + value * each[index]!, 0),
  );
