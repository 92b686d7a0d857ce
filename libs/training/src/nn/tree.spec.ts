import type { Trees } from '@unroll/datasets';
import { stream } from '@unroll/random';
import { slopes, slopesFrom } from '../testing/plain-cells';
import { plainNode, type PlainTreeWeights } from '../testing/plain-tree';
import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { lookup } from '../functional/embedding';
import { runTrees } from './tree';
import { nodeHeights, planTrees } from './tree-plan';

const [inputs, hidden, vocabulary] = [3, 4, 6];

/**
 * ((0 1) 2), a lone leaf, a node with three children of unequal heights, and a chain of nodes with one child each; nodes
 * after their children.
 */
const trees: Trees = {
  count: 4,
  offsets: Int32Array.of(0, 5, 6, 12, 15),
  words: Int32Array.of(0, 1, -1, 2, -1, 3, 4, 5, 0, -1, 1, -1, 2, -1, -1),
  labels: new Int32Array(15),
  childOffsets: Int32Array.of(0, 0, 0, 2, 2, 4, 4, 4, 4, 4, 6, 6, 9, 9, 10, 11),
  children: Int32Array.of(0, 1, 2, 3, 1, 2, 0, 3, 4, 0, 1),
};
const nodes = trees.words.length;

function numbers(name: string, size: number): Float64Array {
  const random = stream(5, 'noise');
  const number = [...name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 0) >>> 0;
  return Float64Array.from({ length: size }, (_, index) => Math.fround(0.7 * random.normal(number, index)));
}

interface Lane {
  weights: PlainTreeWeights;
  table: Float64Array;
}
const makeLane = (lane: number): Lane => ({
  weights: {
    ...{ inputs, hidden },
    input: numbers(`input ${lane}`, inputs * 3 * hidden),
    sum: numbers(`sum ${lane}`, hidden * 3 * hidden),
    forget: numbers(`forget ${lane}`, hidden * hidden),
    bias: numbers(`bias ${lane}`, 3 * hidden),
    forgetBias: numbers(`forget bias ${lane}`, hidden),
  },
  table: numbers(`table ${lane}`, vocabulary * inputs),
});
const listVariables = ({ weights, table }: Lane): Float64Array[] => [
  ...[weights.input, weights.sum, weights.forget, weights.bias, weights.forgetBias],
  table,
];
/** What each node's h weighs in the loss, by its number in the data. */
const weighing = numbers('loss', nodes * hidden);

/** h of each node of some trees, by its number. */
function plainly({ weights, table }: Lane, rows: ArrayLike<number>): Map<number, number[]> {
  const states = new Map<number, { h: number[]; c: number[] }>();
  for (const tree of Array.from(rows))
    for (let node = trees.offsets[tree]!; node < trees.offsets[tree + 1]!; node++) {
      const below = trees.children.subarray(trees.childOffsets[node], trees.childOffsets[node + 1]);
      const children = Array.from(below, (child) => states.get(trees.offsets[tree]! + child)!);
      const word = table.subarray(trees.words[node]! * inputs, (trees.words[node]! + 1) * inputs);
      states.set(node, plainNode(weights, children, word));
    }
  return new Map([...states].map(([node, { h }]) => [node, h]));
}

function computeLoss(lane: Lane, rows: ArrayLike<number>): number {
  let sum = 0;
  for (const [node, h] of plainly(lane, rows))
    h.forEach((value, unit) => (sum += value * weighing[node * hidden + unit]!));
  return sum;
}

/** h of each node and gradients, of each lane, by what training runs. */
function computed(lanes: readonly Lane[], rows: readonly Int32Array[]) {
  const plan = planTrees(trees, nodeHeights(trees), rows);
  const shapes = [
    [inputs, 3 * hidden],
    [hidden, 3 * hidden],
    [hidden, hidden],
    [1, 3 * hidden],
    [1, hidden],
  ];
  tf.engine().startScope();
  try {
    const variables = [...shapes, [vocabulary, inputs]].map((shape, index) =>
      tf.stack(lanes.map((lane) => tf.tensor(Float32Array.from(listVariables(lane)[index]!), shape))),
    );
    const names = ['weight_ih', 'weight_hh', 'weight_fh', 'bias', 'bias_f'];
    const weights = new Float32Array(plan.order.length * hidden);
    plan.order.forEach((node, place) => {
      if (node >= 0) weights.set(weighing.subarray(node * hidden, (node + 1) * hidden), place * hidden);
    });
    const places = Int32Array.from({ length: lanes.length * plan.leaves }, (_, index) => {
      const lane = Math.floor(index / plan.leaves);
      const node = plan.order[lane * plan.total + (index % plan.leaves)]!;
      return node < 0 ? 0 : trees.words[node]!;
    });
    let h: Tensor | undefined;
    const { grads } = tf.valueAndGrads((...given: Tensor[]) => {
      const words = lookup(given.at(-1)!, tf.tensor2d(places, [lanes.length, plan.leaves], 'int32'));
      const outputs = runTrees((name) => given[names.indexOf(name)]!, words, plan);
      h = tf.keep(outputs);
      return tf.sum(tf.mul(outputs, tf.tensor(weights, [lanes.length, plan.total, hidden])));
    })(variables);
    const values = h!.dataSync();
    h!.dispose();
    return lanes.map((_, lane) => {
      const own = plan.order.subarray(lane * plan.total, (lane + 1) * plan.total);
      const byNode = [...own.entries()].flatMap(([place, node]): [number, number[]][] => {
        const begin = (lane * plan.total + place) * hidden;
        return node < 0 ? [] : [[node, [...values.slice(begin, begin + hidden)]]];
      });
      const gradients = grads.map((each) => {
        const all = each.dataSync();
        return [...all.slice((lane * all.length) / lanes.length, ((lane + 1) * all.length) / lanes.length)];
      });
      return { h: new Map(byNode), gradients };
    });
  } finally {
    tf.engine().endScope();
  }
}

const rows = [Int32Array.of(0, 1, 2), Int32Array.of(3, 1)];

describe.each(everyEngine)('the child-sum tree-LSTM on $label', ({ open }) => {
  beforeAll(() => open());

  it('gives every node the state that a plain walk over each tree gives', () => {
    const lanes = [makeLane(0), makeLane(1)];
    computed(lanes, rows).forEach(({ h }, index) => {
      const right = plainly(lanes[index]!, rows[index]!);
      expect([...h.keys()].sort()).toEqual([...right.keys()].sort());
      for (const [node, values] of right)
        values.forEach((value, unit) => expect(h.get(node)![unit]).toBeCloseTo(value, 5));
    });
  });

  it('has the gradients of central differences', () => {
    const lanes = [makeLane(0), makeLane(1)];
    computed(lanes, rows).forEach(({ gradients }, index) => {
      const lane = lanes[index]!;
      slopes(listVariables(lane), () => computeLoss(lane, rows[index]!)).forEach((right, variable) => {
        const ours = slopesFrom(gradients[variable]!);
        right.forEach((slope, at) => expect(ours[at]).toBeCloseTo(slope, 4));
      });
    });
  });

  it('is bit for bit the same for a lane alone and beside trees of other shapes', () => {
    const among = computed([makeLane(1), makeLane(0), makeLane(2)], [rows[0]!, rows[1]!, Int32Array.of(2, 2, 0)])[1]!;
    const alone = computed([makeLane(0)], [rows[1]!])[0]!;
    expect(among.h).toEqual(alone.h);
    expect(among.gradients.map((each) => each.map((value) => value + 0))).toEqual(
      alone.gradients.map((each) => each.map((value) => value + 0)),
    );
  });

  it('lets no NaN of one lane into another', () => {
    const broken = makeLane(0);
    broken.weights.forget[0] = NaN;
    const [spoilt, sound] = computed([broken, makeLane(1)], [rows[0]!, rows[1]!]);
    expect([...spoilt!.h.values()].flat().some(Number.isNaN)).toBe(true);
    expect(sound).toEqual(computed([makeLane(1)], [rows[1]!])[0]);
  });
});

describe('a plan', () => {
  it('reads every node once, after its children, for any trees', () => {
    const heights = nodeHeights(trees);
    expect([...heights]).toEqual([0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 1, 2]);
    const { order, levels, leaves } = planTrees(trees, heights, [Int32Array.of(0, 1, 2, 3)]);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: nodes }, (_, node) => node));
    expect(leaves).toBe(9);
    expect(levels.map(({ nodes: count, arity }) => [count, arity])).toEqual([
      [3, 2],
      [3, 3],
    ]);
  });

  it('has a level above the leaves even where no tree has one, so that every weight has a gradient', () => {
    const { levels } = planTrees(trees, nodeHeights(trees), [Int32Array.of(1)]);
    expect(levels).toHaveLength(1);
  });
});
