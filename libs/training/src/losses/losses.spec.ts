import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { binaryCrossEntropy } from './binary-cross-entropy';
import { lossOfLanes, summed, type ElementLoss } from './element-loss';
import { absoluteError, huber, squaredError } from './regression';

const random = (shape: number[], seed = 1): Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const close = (ours: Tensor, theirs: readonly number[]): void =>
  [...ours.dataSync()].forEach((value, index) => expect(value).toBeCloseTo(theirs[index]!, 5));
const ones = (lanes: number): Tensor => tf.ones([lanes, 1]);
/** One element for each lane, [lane, 1, 1]. */
const column = (values: readonly number[]): Tensor => tf.tensor3d([...values], [values.length, 1, 1]);
/** The gradient of the sum over lanes. */
const gradient = (loss: (x: Tensor) => Tensor, x: Tensor): Tensor => tf.grad(loss)(x);
const sliceLane = (x: Tensor, lane: number): Tensor => tf.slice(x, [lane], [1]);

/** Errors on both sides of a delta of 1, on it, and none. */
const predictions = [0.5, -3, 1, 2, -1];
const targets = [0, 0, 0, 2, 1.5];
const errors = predictions.map((value, index) => value - targets[index]!);

// By the definitions of torch.nn.MSELoss, L1Loss and HuberLoss.
const definitions: { name: string; loss: ElementLoss; value(error: number): number; slope(error: number): number }[] = [
  { name: 'the squared error', loss: squaredError, value: (e) => e * e, slope: (e) => 2 * e },
  { name: 'the absolute error', loss: absoluteError, value: Math.abs, slope: Math.sign },
  {
    name: "Huber's loss",
    loss: huber(1),
    value: (e) => (Math.abs(e) <= 1 ? (e * e) / 2 : Math.abs(e) - 0.5),
    slope: (e) => (Math.abs(e) <= 1 ? e : Math.sign(e)),
  },
  {
    name: "Huber's loss with a delta of 0.25",
    loss: huber(0.25),
    value: (e) => (Math.abs(e) <= 0.25 ? (e * e) / 2 : 0.25 * (Math.abs(e) - 0.125)),
    slope: (e) => (Math.abs(e) <= 0.25 ? e : 0.25 * Math.sign(e)),
  },
];

describe.each(everyEngine)('losses on $label', ({ open }) => {
  beforeAll(() => open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  describe.each(definitions)('$name', ({ loss, value, slope }) => {
    const each = (x: Tensor, weight = ones(predictions.length)): Tensor =>
      lossOfLanes(loss, x, { target: column(targets), weight }, 'sum');

    it("is PyTorch's, with its gradient", () => {
      const x = column(predictions);
      close(each(x), errors.map(value));
      close(gradient(each, x), errors.map(slope));
    });

    it('is the sum over a lane times its weight, independent of other lanes', () => {
      const [x, target, weight] = [random([3, 7, 2]), random([3, 7, 2], 2), tf.tensor2d([[1 / 14], [2], [1]])];
      const ours = (given: Tensor): Tensor => lossOfLanes(loss, given, { target, weight }, 'sum');
      const together = [...ours(x).dataSync()];
      const slopes = [...gradient(ours, x).dataSync()];
      const [host, right, weights] = [[...x.dataSync()], [...target.dataSync()], [...weight.dataSync()]];
      weights.forEach((factor, lane) => {
        const range = Array.from({ length: 14 }, (_, index) => lane * 14 + index);
        const sum = range.reduce((total, at) => total + value(host[at]! - right[at]!), 0) * factor;
        expect(together[lane]! / sum).toBeCloseTo(1, 5);
        const alone = { target: sliceLane(target, lane), weight: sliceLane(weight, lane) };
        expect([...lossOfLanes(loss, sliceLane(x, lane), alone, 'sum').dataSync()]).toEqual([together[lane]]);
        const slopesAlone = gradient((given) => lossOfLanes(loss, given, alone, 'sum'), sliceLane(x, lane));
        expect([...slopesAlone.dataSync()]).toEqual(slopes.slice(lane * 14, lane * 14 + 14));
      });
    });

    it('ignores what does not count, even a NaN, and passes on every NaN that does', () => {
      const x = tf.tensor3d([
        [[1], [NaN]],
        [[NaN], [3]],
      ]); // [lane, rows, width]
      const target = tf.tensor3d([
        [[0.5], [NaN]],
        [[1], [1]],
      ]);
      const valid = tf.tensor2d(
        [
          [1, 0],
          [1, 1],
        ],
        [2, 2],
        'bool',
      );
      const ours = (given: Tensor): Tensor => lossOfLanes(loss, given, { target, valid, weight: ones(2) }, 'sum');
      const [first, second] = [...ours(x).dataSync()];
      expect(first).toBeCloseTo(value(0.5), 6);
      expect(second).toBeNaN();
      const [counted, not, nan, other] = [...gradient(ours, x).dataSync()];
      expect(counted).toBeCloseTo(slope(0.5), 6);
      expect([not, nan]).toEqual([0, NaN]);
      expect(other).toBeCloseTo(slope(2), 6);
    });
  });

  it('take masks of rows and masks of elements, and the mean or the sum over a row', () => {
    const x = tf.tensor3d([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    const given = { target: tf.zerosLike(x), weight: tf.tensor2d([[0.5]]) };
    const rows = tf.tensor2d([[0, 1]], [1, 2], 'bool');
    const elements = tf.tensor3d(
      [
        [
          [0, 1],
          [1, 0],
        ],
      ],
      [1, 2, 2],
      'bool',
    );
    const sum = (valid: Tensor | undefined, over: 'mean' | 'sum'): number =>
      lossOfLanes(squaredError, x, { ...given, valid }, over).dataSync()[0]!;
    expect([sum(undefined, 'sum'), sum(rows, 'sum'), sum(elements, 'sum')]).toEqual([15, 12.5, 6.5]);
    expect([sum(undefined, 'mean'), sum(rows, 'mean')]).toEqual([7.5, 6.25]);
  });

  it('ignore values of a loss at elements that do not count', () => {
    const x = tf.tensor3d([[[Math.E], [-1]]]);
    const targets = { target: tf.zerosLike(x), valid: tf.tensor2d([[1, 0]], [1, 2], 'bool'), weight: ones(1) };
    const ours = (given: Tensor): Tensor => lossOfLanes((prediction) => tf.log(prediction), given, targets, 'sum');
    close(ours(x), [1]);
    close(gradient(ours, x), [1 / Math.E, 0]);
  });

  it('give the binary cross-entropy of frames as the log-likelihood of their labels, with its gradient', () => {
    const logits = [0, 0, 2, -1.5, -0.25, 3];
    const labels = [1, 0, 1, 0, 1, 0];
    const [x, target, weight] = [
      tf.tensor3d(logits, [2, 1, 3]),
      tf.tensor3d(labels, [2, 1, 3]),
      tf.tensor2d([[1], [0.5]]),
    ];
    const ours = (given: Tensor): Tensor => lossOfLanes(binaryCrossEntropy, given, { target, weight }, 'sum');
    const sigmoids = logits.map((logit) => 1 / (1 + Math.exp(-logit)));
    const nats = sigmoids.map((p, index) => -Math.log(labels[index] ? p : 1 - p));
    close(ours(x), [nats[0]! + nats[1]! + nats[2]!, (nats[3]! + nats[4]! + nats[5]!) / 2]);
    close(
      gradient(ours, x),
      sigmoids.map((p, index) => (p - labels[index]!) * (index < 3 ? 1 : 0.5)),
    );
  });

  it('keep the binary cross-entropy finite for logits of any size', () => {
    const x = tf.tensor3d([[[200, -200, 200, -200]]]);
    const ours = (given: Tensor): Tensor =>
      summed(binaryCrossEntropy(given, tf.tensor3d([[[0, 1, 1, 0]]])), undefined, ones(1), 'sum');
    expect(ours(x).dataSync()[0]).toBe(400);
    expect([...gradient(ours, x).dataSync()]).toEqual([1, -1, 0, 0]);
  });

  it('leave frames that do not count out of the binary cross-entropy, NaN or not', () => {
    const x = tf.tensor3d([
      [
        [0, 0],
        [NaN, NaN],
      ],
    ]);
    const targets = {
      target: tf.tensor3d([
        [
          [1, 1],
          [NaN, 0],
        ],
      ]),
      valid: tf.tensor2d([[1, 0]], [1, 2], 'bool'),
      weight: ones(1),
    };
    const ours = (given: Tensor): Tensor => lossOfLanes(binaryCrossEntropy, given, targets, 'sum');
    expect(ours(x).dataSync()[0]).toBeCloseTo(2 * Math.LN2, 6);
    expect([...gradient(ours, x).dataSync()]).toEqual([-0.5, -0.5, 0, 0]);
  });
});

it('a Huber loss refuses a delta that is not above 0', () => {
  for (const delta of [0, -1, NaN]) expect(() => huber(delta)).toThrow('the delta of a Huber loss must be above 0');
});
