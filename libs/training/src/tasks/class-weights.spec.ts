import { binaryCrossEntropy, weightedBinaryCrossEntropy } from '../losses/regression';
import { weightedCrossEntropy } from '../losses/weighted-cross-entropy';
import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { balancedWeights, classWeightsFor, labelWeightsFor, weighted } from './class-weights';
import { classTargets } from './classes';

describe('weights of classes', () => {
  it('are balanced as those of scikit-learn: n / (classes · count)', () => {
    expect([...balancedWeights([0, 0, 0, 1], 2)].map((each) => each.toFixed(6))).toEqual(['0.666667', '2.000000']);
    expect([...balancedWeights([0, 2, -1], 3)]).toEqual([1, 0, 1]);
  });

  const named = (classWeights: Record<string, number>) =>
    classWeightsFor({ classWeights }, ['ham', 'spam', 'eggs'], () => []);

  it('are given by name, and 1 for the others', () => {
    expect([...named({ spam: 5, eggs: 0 })!]).toEqual([1, 5, 0]);
    expect(classWeightsFor({ classWeights: 'none' }, ['a'], () => [])).toBeUndefined();
  });

  it.each([
    [{ spma: 5 }, 'training.classWeights: the data have no class "spma"; did you mean spam?'],
    [{ 1: 5 }, 'training.classWeights: the data have no class "1"; there are ham, spam, eggs'],
    [{ ham: 0, spam: 0, eggs: 0 }, 'training.classWeights: every class has the weight 0: nothing would be learned'],
  ])('are refused where the data do not have them: %j', (given, message) => {
    expect(() => named(given as Record<string, number>)).toThrow(message);
  });

  it('are, of labels of which several may be present, absent over present frames', () => {
    const frames = Float32Array.from([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0]);
    expect([...labelWeightsFor({ classWeights: 'balanced' }, ['a', 'b', 'c'], frames)!]).toEqual([
      1,
      Math.fround(1 / 3),
      1,
    ]);
    expect([...labelWeightsFor({ classWeights: { b: 4 } }, ['a', 'b', 'c'], frames)!]).toEqual([1, 4, 1]);
  });

  it('are 1 of a label that every frame has, or none', () => {
    const frames = Float32Array.from([1, 0, 1, 1, 0, 0, 1, 0, 0]);
    expect([...labelWeightsFor({ classWeights: 'balanced' }, ['a', 'b', 'c'], frames)!]).toEqual([1, 1, 2]);
  });
});

/** Logits and targets of the reference values, which PyTorch 2.15.0 computed on a CPU. */
const logits = [
  [1, 2, -1],
  [0.5, -1, 0.25],
  [3, 0, 1],
  [0, 0.5, -2],
];

describe.each(everyEngine)('losses weighted by class on $label', ({ open }) => {
  beforeAll(() => open());

  const close = (found: Tensor, expected: readonly number[]): void => {
    const values = [...found.dataSync()];
    expect(values).toHaveLength(expected.length);
    values.forEach((value, place) => expect(value).toBeCloseTo(expected[place]!, 5));
  };

  it("are PyTorch's CrossEntropyLoss(weight), each lane by itself, and their gradient", () => {
    // torch.nn.CrossEntropyLoss(weight=[0.5, 3, 1.25]) of these logits and the targets 0, 1, 1, 2; and with smoothing
    // CrossEntropyLoss(label_smoothing=0.2, reduction='none'), the mean weighted by weight[target]. A fifth row has no target.
    const rows = [...logits, [9, 9, 9]];
    const classes = Int32Array.from([0, 1, 1, 2, -1, 0, 1, 1, 2, -1]);
    tf.tidy(() => {
      const right = { classes, lanes: 2 };
      const light = Float32Array.of(0.5, 3, 1.25);
      const weighting = weighted(classTargets(right, 'mean'), right, [light, light]);
      const loss = (x: Tensor): Tensor => weightedCrossEntropy(x, weighting, [0, 0.2]);
      const x = tf.tensor3d([rows, rows]);
      close(loss(x), [2.6511311531066895, 2.432852029800415]);
      const gradient = tf.grad((given) => tf.sum(loss(given)))(x);
      const plain = [
        [-0.0477744, 0.0455087, 0.0022657],
        [0.1933617, -0.3439519, 0.1505902],
        [0.3266302, -0.3708348, 0.0442046],
        [0.0579336, 0.0955163, -0.1534499],
        [0, 0, 0],
      ];
      const smoothed = [
        [-0.0391723, 0.0412076, -0.0020353],
        [0.1675553, -0.2923391, 0.1247838],
        [0.3008238, -0.3192219, 0.0183981],
        [0.0471809, 0.0847636, -0.1319445],
        [0, 0, 0],
      ];
      close(gradient, [...plain, ...smoothed].flat());
    });
  });

  it("are PyTorch's BCEWithLogitsLoss(pos_weight), and their gradient", () => {
    // torch.nn.BCEWithLogitsLoss(pos_weight=[1, 4, 0.5], reduction='none') of these logits.
    const labels = tf.tensor3d([
      [
        [1, 0, 1],
        [0, 1, 1],
        [1, 1, 0],
        [0, 0, 0],
      ],
    ]);
    const x = tf.tensor3d([logits]);
    const loss = weightedBinaryCrossEntropy([Float32Array.of(1, 4, 0.5)]);
    const expected = [
      [0.3132617, 2.1269281, 0.6566309],
      [0.974077, 5.253047, 0.2879697],
      [0.0485874, 2.7725887, 1.3132617],
      [0.6931472, 0.974077, 0.1269281],
    ];
    close(loss(x, labels), expected.flat());
    const gradient = [
      [-0.2689414, 0.880797, -0.3655293],
      [0.6224594, -2.9242344, -0.2189117],
      [-0.0474259, -2.0, 0.7310586],
      [0.5, 0.6224594, 0.1192029],
    ];
    close(tf.grad((given) => tf.sum(loss(given, labels)))(x), gradient.flat());
    close(weightedBinaryCrossEntropy([Float32Array.of(1, 1, 1)])(x, labels), [
      ...binaryCrossEntropy(x, labels).dataSync(),
    ]);
  });
});
