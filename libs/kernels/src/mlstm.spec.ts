import type { Kernels } from './addon';
import { describeEachInstructionSet, expectClose, guarded, numbers } from './testing/kernels.fixture';

// Inside Jest's sandbox every look-up of a global such as Math takes a microsecond.
const { abs, exp, log1p, max, sqrt } = Math;

interface Shape {
  lanes: number;
  steps: number;
  batch: number;
  hidden: number;
  heads: number;
  reverse: boolean;
  masked: boolean;
}

type Values = Float32Array | Float64Array;
const names = ['inputs', 'inputWeight', 'forgetWeight', 'inputBias', 'forgetBias', 'c', 'n', 'm'] as const;
type Inputs = Record<(typeof names)[number], Values>;

function makeInputs({ lanes, steps, batch, hidden, heads }: Shape): Record<keyof Inputs, Float32Array> {
  const [rows, units] = [lanes * batch, hidden / heads];
  return {
    inputs: numbers(rows * steps * 4 * hidden, 1, 2),
    inputWeight: numbers(lanes * 3 * hidden * heads, 2),
    forgetWeight: numbers(lanes * 3 * hidden * heads, 3),
    inputBias: numbers(lanes * heads, 4),
    forgetBias: numbers(lanes * heads, 5).map((x) => x + 1),
    c: numbers(rows * hidden * units, 6),
    n: numbers(rows * hidden, 7).map((x) => x + 1),
    m: numbers(rows * heads, 8),
  };
}

const makeMask = ({ lanes, steps, batch, masked }: Shape): Uint8Array | undefined =>
  masked ? Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number((index * 7) % 5 !== 0)) : undefined;

interface Results {
  outputs: Values;
  lastC: Values;
  lastN: Values;
  lastM: Values;
}

/** The layer by its equations, in float64, a step after another. */
function compute(shape: Shape, given: Inputs): Results {
  const { lanes, steps, batch, hidden, heads, reverse } = shape;
  const valid = makeMask(shape);
  const d = hidden / heads;
  const [lastC, lastN, lastM] = [given.c, given.n, given.m].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const outputs = new Float64Array(lanes * steps * batch * hidden);
  for (let item = 0; item < lanes * batch * heads; item++) {
    const [head, row, lane] = [item % heads, Math.floor(item / heads) % batch, Math.floor(item / heads / batch)];
    for (let index = 0; index < steps; index++) {
      const place = (lane * steps + (reverse ? steps - 1 - index : index)) * batch + row;
      if (valid?.[place] === 0) continue;
      const x = given.inputs.subarray(place * 4 * hidden, (place + 1) * 4 * hidden);
      const sum = (weights: Values, bias: Values): number =>
        Array.from(x.subarray(0, 3 * hidden)).reduce(
          (total, value, at) => total + value * weights[(lane * 3 * hidden + at) * heads + head]!,
          bias[lane * heads + head]!,
        );
      const input = sum(given.inputWeight, given.inputBias);
      const forget = lastM[item]! - log1p(exp(-sum(given.forgetWeight, given.forgetBias)));
      const next = max(forget, input);
      const [kept, taken] = [exp(forget - next), exp(input - next)];
      const read = new Float64Array(d);
      let along = 0;
      for (let a = 0; a < d; a++) {
        const [q, k] = [x[head * d + a]!, x[hidden + head * d + a]! / sqrt(d)];
        lastN[item * d + a] = kept * lastN[item * d + a]! + taken * k;
        along += lastN[item * d + a]! * q;
        for (let b = 0; b < d; b++) {
          const at = (item * d + a) * d + b;
          lastC[at] = kept * lastC[at]! + taken * k * x[2 * hidden + head * d + b]!;
          read[b]! += lastC[at] * q;
        }
      }
      lastM[item] = next;
      read.forEach((value, b) => {
        const open = 1 / (1 + exp(-x[3 * hidden + head * d + b]!));
        outputs[place * hidden + head * d + b] = (open * value) / max(abs(along), exp(-next));
      });
    }
  }
  return { outputs, lastC, lastN, lastM };
}

const results = ['outputs', 'lastC', 'lastN', 'lastM'] as const;

/** Chunks have 32 steps. */
const shapes: Shape[] = [
  { lanes: 1, steps: 1, batch: 1, hidden: 1, heads: 1, reverse: false, masked: false },
  { lanes: 2, steps: 4, batch: 3, hidden: 34, heads: 2, reverse: true, masked: true },
  { lanes: 1, steps: 35, batch: 2, hidden: 9, heads: 3, reverse: false, masked: true },
  { lanes: 1, steps: 33, batch: 1, hidden: 6, heads: 1, reverse: true, masked: false },
];

/** The kernels' results, and whether all that they wrote is within its array. */
function run(kernels: Kernels, shape: Shape) {
  const { lanes, steps, batch, hidden, heads } = shape;
  const given = makeInputs(shape);
  const all: ReturnType<typeof guarded>[] = [];
  const array = (count: number): Float32Array => {
    all.push(guarded(count));
    return all.at(-1)!.values;
  };
  const rows = lanes * steps * batch;
  const found = {
    ...{ outputs: array(rows * hidden), lastC: array(given.c.length) },
    ...{ lastN: array(given.n.length), lastM: array(given.m.length) },
  };
  const layer = {
    ...shape,
    ...given,
    valid: makeMask(shape),
    gates: array(rows * 2 * heads),
    normalisers: array(rows * heads),
  };
  kernels.mlstm({ ...layer, ...found });
  const arriving = results.map((name, index) => numbers(found[name].length, 9 + index)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const gradients = Object.fromEntries(names.map((name) => [name, array(given[name].length)])) as typeof given;
  kernels.mlstmGradient({
    ...{ ...layer, outputs: found.outputs },
    ...{ gradOutputs: arriving[0], gradLastC: arriving[1], gradLastN: arriving[2], gradLastM: arriving[3] },
    ...{
      gradInputs: gradients.inputs,
      gradInputWeight: gradients.inputWeight,
      gradForgetWeight: gradients.forgetWeight,
    },
    ...{ gradInputBias: gradients.inputBias, gradForgetBias: gradients.forgetBias },
    ...{ gradC: gradients.c, gradN: gradients.n, gradM: gradients.m },
  });
  return { given, found, gradients, arriving, intact: () => all.every((each) => each.intact()) };
}

describeEachInstructionSet('the kernels of an mLSTM', (kernels) => {
  it.each(shapes)('compute it by its equations, and its gradients, within their arrays: %j', (shape) => {
    const { given, found, gradients, arriving, intact } = run(kernels, shape);
    const truth = compute(shape, given);
    for (const name of results) expectClose(found[name], truth[name], 1e-4);
    expect(intact()).toBe(true);
    const loss = (moved: Inputs): number => {
      const after = compute(shape, moved);
      return results.reduce(
        (total, name, index) =>
          total + arriving[index]!.reduce((sum, weight, at) => sum + weight * after[name][at]!, 0),
        0,
      );
    };
    for (const name of names) {
      // Along one direction of all numbers, which a wrong gradient has not.
      const direction = numbers(given[name].length, 20);
      const moved = (by: number): number =>
        loss({ ...given, [name]: Float64Array.from(given[name], (value, at) => value + by * direction[at]!) });
      const slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
      const expected = direction.reduce((sum, value, at) => sum + value * gradients[name][at]!, 0);
      const size = sqrt(gradients[name].reduce((sum, value) => sum + value * value, 1));
      expect(abs(expected - slope) / size).toBeLessThan(1e-3);
    }
  });

  it('give the same bits on any number of threads', () => {
    const [one, ...others] = [1, 2, 3].map((threads) => {
      kernels.useThreads(threads);
      const { found, gradients } = run(kernels, shapes[1]!);
      kernels.useThreads(1);
      return { found, gradients };
    });
    for (const other of others) expect(other).toEqual(one);
  });

  it('are refused heads that do not divide the units', () => {
    expect(() => run(kernels, { ...shapes[1]!, heads: 3 })).toThrow(/^hidden must be a multiple of heads$/);
  });
});
