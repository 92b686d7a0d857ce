import { everyEngine } from '../testing/for-each-engine';
import { weightedCrossEntropy } from '../losses/cross-entropy';
import { tf } from '../tensor/tfjs';
import { balancedWeights, targetWeights } from './class-weights';

const inputs = { kind: 'tokens', offsets: Int32Array.of(0), ids: new Uint16Array() } as const;
const train = (classes: number[]) =>
  ({ count: classes.length, inputs, targets: { kind: 'classes', classes: Int32Array.from(classes) } }) as const;

describe('balanced weights of classes', () => {
  it('are those of scikit-learn: n / (classes · count)', () => {
    expect(
      [...balancedWeights({ train: train([0, 0, 0, 1]), targetVocabulary: ['a', 'b'] })].map((each) => each.toFixed(6)),
    ).toEqual(['0.666667', '2.000000']);
    expect([...balancedWeights({ train: train([0, 2]), targetVocabulary: ['a', 'b', 'c'] })]).toEqual([1, 0, 1]);
  });
});

describe.each(everyEngine)('cross-entropy weighted by class on $label', ({ open }) => {
  beforeAll(() => open());

  it("is PyTorch's: Σ w·loss / Σ w over each lane's targets, and its gradient", () => {
    const logits = [
      [
        [1, 2],
        [0.5, -1],
        [3, 0],
        [0, 0],
      ],
      [
        [0, 1],
        [2, 2],
        [1, -1],
        [0.25, 0.5],
      ],
    ];
    const right = [
      [0, 1, 1, -1],
      [1, 1, 1, 0],
    ];
    const weights = Float32Array.of(0.5, 3);
    const classes = Int32Array.from(right.flat());
    const each = [0, 1].map((lane) => right[lane]!.map((target) => (target < 0 ? 0 : weights[target]!)));
    const losses = logits.map((rows, lane) =>
      rows.map(([a, b], place) =>
        right[lane]![place]! < 0 ? 0 : Math.log(Math.exp(a!) + Math.exp(b!)) - [a!, b!][right[lane]![place]!]!,
      ),
    );
    const expected = losses.map(
      (row, lane) =>
        row.reduce((sum, loss, place) => sum + loss * each[lane]![place]!, 0) / each[lane]!.reduce((a, b) => a + b),
    );
    tf.tidy(() => {
      const targets = {
        classes: tf.tensor2d(
          classes.map((target) => Math.max(0, target)),
          [2, 4],
          'int32',
        ),
        valid: tf.tensor2d(
          Uint8Array.from(classes, (target) => Number(target >= 0)),
          [2, 4],
          'bool',
        ),
        weights: targetWeights({ classes, lanes: 2 }, weights),
      };
      const loss = (x: ReturnType<typeof tf.tensor3d>) => weightedCrossEntropy(x, targets, [0, 0]);
      const x = tf.tensor3d(logits);
      [...loss(x).dataSync()].forEach((value, lane) => expect(value).toBeCloseTo(expected[lane]!, 5));
      const gradient = tf
        .grad((given) => tf.sum(loss(given as typeof x)))(x)
        .dataSync();
      logits.forEach((rows, lane) =>
        rows.forEach(([a, b], place) => {
          const target = right[lane]![place]!;
          const factor = each[lane]![place]! / each[lane]!.reduce((sum, weight) => sum + weight, 0);
          const p = 1 / (1 + Math.exp(a! - b!));
          const slope = target < 0 ? 0 : factor * (p - target);
          expect(gradient[(lane * 4 + place) * 2 + 1]).toBeCloseTo(slope, 5);
        }),
      );
    });
  });
});
