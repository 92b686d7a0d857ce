import { expectClose } from './kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { exp, tanh, sqrt, floor, max } = Math;

/** x normalised over its last axis, times gain and plus shift of the lane. */
export function normByDefinition(
  { rows, width }: { rows: number; width: number },
  { x, gain, shift }: Record<'x' | 'gain' | 'shift', Float64Array>,
): Float64Array {
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length / width; row++) {
    const own = x.subarray(row * width, (row + 1) * width);
    const mean = own.reduce((sum, value) => sum + value, 0) / width;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const lane = floor(row / rows);
    own.forEach((value, at) => {
      const place = lane * width + at;
      out[row * width + at] = ((value - mean) / sqrt(variance + 1e-5)) * gain[place]! + shift[place]!;
    });
  }
  return out;
}

export interface Attending {
  /** Arrays are [outer, rows, inner, heads, units or width]. */
  outer: number;
  inner: number;
  heads: number;
  queryCount: number;
  keyCount: number;
  units: number;
  width: number;
  scale: number;
  causal: boolean;
  /** [outer, keyCount, inner] */
  valid?: Uint8Array | undefined;
  lanes: number;
}

/** q, k, v, and for additive scores v of each lane. */
export type Attended = readonly [q: Float64Array, k: Float64Array, v: Float64Array, score?: Float64Array];

/** softmax over the keys that are seen of q·k·scale or v·tanh(q + k), and the values weighted by it. */
export function attentionByDefinition(
  a: Attending,
  [q, k, v, score]: Attended,
): { out: Float64Array; weights: number[] } {
  const { outer, inner, heads, queryCount, keyCount, units, width } = a;
  const out = new Float64Array(outer * queryCount * inner * heads * width);
  const all: number[] = [];
  const at = (o: number, rows: number, row: number, place: number): number => (o * rows + row) * inner * heads + place;
  for (let o = 0; o < outer; o++)
    for (let place = 0; place < inner * heads; place++)
      for (let row = 0; row < queryCount; row++) {
        const [keyAt, queryAt] = [(key: number) => at(o, keyCount, key, place), at(o, queryCount, row, place)];
        const counts = (key: number): boolean =>
          a.causal && key >= row
            ? key === row
            : !a.valid || a.valid[(o * keyCount + key) * inner + floor(place / heads)] === 1;
        const scores = Array.from({ length: keyCount }, (_, key) => {
          let sum = 0;
          for (let unit = 0; unit < units; unit++) {
            const [x, y] = [q[queryAt * units + unit]!, k[keyAt(key) * units + unit]!];
            sum += score ? score[floor(o / (outer / a.lanes)) * units + unit]! * tanh(x + y) : x * y * a.scale;
          }
          return sum;
        });
        const isNone = scores.every((_, key) => !counts(key)); // then all weigh the same
        const most = max(...scores.filter((_, key) => isNone || counts(key)));
        const weights = scores.map((value, key) => (isNone ? 1 : counts(key) ? exp(value - most) : 0));
        const total = weights.reduce((sum, value) => sum + value, 0);
        weights.forEach((weight, key) => {
          all.push(weight / total);
          for (let unit = 0; unit < width; unit++)
            out[queryAt * width + unit]! += (weight / total) * v[keyAt(key) * width + unit]!;
        });
      }
  return { out, weights: all };
}

const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** A level of child-sum tree-LSTMs; leaves have arity 0. */
export interface Level {
  lanes: number;
  nodes: number;
  arity: number;
  hidden: number;
}

/** Arrays as the kernels take them; of leaves `gates`, the sums in their gates, of others the rest. */
export type LevelArrays = Partial<
  Record<'gates' | 'children' | 'sum' | 'bias' | 'forget' | 'forgetBias', Float64Array>
>;

/** h and c of nodes, [lanes, nodes, 2·hidden] (Tai, Socher & Manning 2015, equations 2 to 8). */
export function treeByDefinition(
  { lanes, nodes, arity, hidden }: Level,
  { gates, children, sum, bias, forget, forgetBias }: LevelArrays,
): Float64Array {
  const out = new Float64Array(lanes * nodes * 2 * hidden);
  const childAt = (node: number, child: number, which: number, unit: number): number =>
    children![((node * arity + child) * 2 + which) * hidden + unit]!;
  for (let node = 0; node < lanes * nodes; node++) {
    const lane = floor(node / nodes);
    const each = Array.from({ length: arity }, (_, child) => child);
    const gate = (unit: number, which: number): number => {
      if (gates) return gates[(node * 3 + which) * hidden + unit]!;
      let total = bias![(lane * 3 + which) * hidden + unit]!;
      for (let from = 0; from < hidden; from++)
        for (const child of each)
          total += childAt(node, child, 0, from) * sum![((lane * hidden + from) * 3 + which) * hidden + unit]!;
      return total;
    };
    const kept = (unit: number, child: number): number => {
      let total = forgetBias![lane * hidden + unit]!;
      for (let from = 0; from < hidden; from++)
        total += childAt(node, child, 0, from) * forget![(lane * hidden + from) * hidden + unit]!;
      return sigmoid(total) * childAt(node, child, 1, unit);
    };
    for (let unit = 0; unit < hidden; unit++) {
      const c = each.reduce((total, child) => total + kept(unit, child), sigmoid(gate(unit, 0)) * tanh(gate(unit, 1)));
      out[node * 2 * hidden + unit] = sigmoid(gate(unit, 2)) * tanh(c);
      out[(node * 2 + 1) * hidden + unit] = c;
    }
  }
  return out;
}

/** Holds gradients against central differences of `loss`, at about twelve places of each array, evenly spread. */
export function expectSlopes(
  arrays: readonly Float64Array[],
  ours: readonly ArrayLike<number>[],
  loss: () => number,
): void {
  arrays.forEach((array, index) => {
    const step = max(1, floor(array.length / 12));
    const places = Array.from({ length: floor((array.length - 1) / step) + 1 }, (_, at) => at * step);
    const slopes = places.map((at) => {
      const value = array[at]!;
      const there = [1e-5, -1e-5].map((by) => {
        array[at] = value + by;
        return loss();
      });
      array[at] = value;
      return (there[0]! - there[1]!) / 2e-5;
    });
    expectClose(
      places.map((at) => ours[index]![at]!),
      slopes,
      1e-4,
    );
  });
}
