import { everyEngine } from '../testing/for-each-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { ctcLoss, type CtcTargets } from './ctc';
import { impossibleLoss } from './ctc-paths';

/** What a path spells: repeats merged, then blanks taken out. */
const spelled = (path: readonly number[]): number[] =>
  path.filter((label, step) => label !== 0 && label !== path[step - 1]);

function* listPaths(steps: number, classes: number): Generator<number[]> {
  for (let number = 0; number < classes ** steps; number++)
    yield Array.from({ length: steps }, (_, step) => Math.floor(number / classes ** step) % classes);
}

const logSoftmax = (row: readonly number[]): number[] => {
  const sum = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
  return row.map((logit) => logit - sum);
};

/** −log of the summed probability of every path that spells the labels, in float64. */
function byEnumeration(logits: readonly (readonly number[])[], labels: readonly number[]): number {
  const rows = logits.map(logSoftmax);
  let probability = 0;
  for (const path of listPaths(rows.length, rows[0]?.length ?? 1))
    if (String(spelled(path)) === String(labels))
      probability += Math.exp(path.reduce((sum, label, step) => sum + rows[step]![label]!, 0));
  return -Math.log(probability);
}

/** Sequences of several lanes: labels and steps of each row. */
interface Sequence {
  labels: number[];
  steps: number;
}
const [steps, classes, maximum] = [5, 3, 3];
const lanesOfSequences: Sequence[][] = [
  [
    { labels: [1, 2], steps: 5 },
    { labels: [1, 1, 2], steps: 5 }, // needs four steps: a blank between equal neighbours
    { labels: [], steps: 3 },
    { labels: [2], steps: 1 },
  ],
  [
    { labels: [2, 2], steps: 3 }, // one path only
    { labels: [1, 2, 1], steps: 3 },
    { labels: [], steps: 0 }, // fills the batch
    { labels: [2, 1], steps: 4 },
  ],
];
const batch = 4;
const weights = [1, 0.25];

function makeTargets(lanes: readonly Sequence[][], factors = weights): CtcTargets {
  const rows = lanes.flat();
  const shape: [number, number] = [lanes.length, batch];
  // What lies behind the labels is anything.
  const labels = rows.flatMap((each) => [...each.labels, ...Array<number>(maximum - each.labels.length).fill(2)]);
  return {
    labels: tf.tensor3d(labels, [...shape, maximum], 'int32'),
    labelLengths: tf.tensor2d(
      rows.map((each) => each.labels.length),
      shape,
      'int32',
    ),
    inputLengths: tf.tensor2d(
      rows.map((each) => each.steps),
      shape,
      'int32',
    ),
    weight: tf.tensor2d(factors, [lanes.length, 1]),
  };
}

/** Logits [lane, time, batch, classes] with the same numbers on every engine. */
const logits = Float32Array.from({ length: 2 * steps * batch * classes }, (_, index) => 2 * Math.sin(7 * index + 1));
const shape: [number, number, number, number] = [2, steps, batch, classes];
const sliceRow = (values: ArrayLike<number>, lane: number, row: number, length: number): number[][] =>
  Array.from({ length }, (_, step) =>
    Array.from({ length: classes }, (__, each) => values[((lane * steps + step) * batch + row) * classes + each]!),
  );
const lossByEnumeration = (values: ArrayLike<number>): number[] =>
  lanesOfSequences.map(
    (sequences, lane) =>
      weights[lane]! *
      sequences.reduce(
        (sum, each, row) => sum + byEnumeration(sliceRow(values, lane, row, each.steps), each.labels),
        0,
      ),
  );

/** Central differences of the sum over lanes, for each logit. */
const slopesByEnumeration = [...logits].map((_, index) => {
  const [up, down] = [1e-5, -1e-5].map((change) => {
    const changed = Float64Array.from(logits);
    changed[index]! += change;
    return lossByEnumeration(changed).reduce((sum, loss) => sum + loss, 0);
  });
  return (up! - down!) / 2e-5;
});

describe.each(everyEngine)('CTC on $label', ({ open }) => {
  beforeAll(() => open());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const computeLoss = (x: Tensor): Tensor => ctcLoss(x, makeTargets(lanesOfSequences));

  it('is −log of the probability of all paths that spell the labels', () => {
    const ours = [...computeLoss(tf.tensor4d(logits, shape)).dataSync()];
    lossByEnumeration(logits).forEach((loss, lane) => expect(ours[lane]! / loss).toBeCloseTo(1, 6));
  });

  it('has the gradient of central differences, and none after the end of a sequence', () => {
    const ours = tf.grad(computeLoss)(tf.tensor4d(logits, shape)).dataSync();
    slopesByEnumeration.forEach((slope, index) => expect(ours[index]).toBeCloseTo(slope, 5));
    expect(sliceRow(ours, 0, 3, steps).slice(1).flat()).toEqual(Array(4 * classes).fill(0));
  });

  it('is bit for bit the same for a lane alone and among others', () => {
    const [x, targets] = [tf.tensor4d(logits, shape), makeTargets(lanesOfSequences)];
    const [losses, gradients] = [computeLoss(x).dataSync(), tf.grad(computeLoss)(x).dataSync()];
    const size = logits.length / 2;
    for (const lane of [0, 1]) {
      const only = <Kind extends Tensor>(tensor: Kind): Kind => tf.slice(tensor, [lane], [1]);
      const alone = {
        labels: only(targets.labels),
        labelLengths: only(targets.labelLengths),
        inputLengths: only(targets.inputLengths),
        weight: only(targets.weight),
      };
      expect(ctcLoss(only(x), alone).dataSync()[0]).toBe(losses[lane]);
      const gradient = tf
        .grad((given: Tensor) => ctcLoss(given, alone))(only(x))
        .dataSync();
      expect([...gradient]).toEqual([...gradients.slice(lane * size, (lane + 1) * size)]);
    }
  });

  it('ignores everything after the end of a sequence, even a NaN, and passes on every NaN before it', () => {
    const poisoned = logits.slice();
    const at = (lane: number, step: number, row: number): number => ((lane * steps + step) * batch + row) * classes;
    poisoned[at(0, 4, 2)] = NaN; // three steps are its own
    const x = tf.tensor4d(poisoned, shape);
    expect([...computeLoss(x).dataSync()]).toEqual([...computeLoss(tf.tensor4d(logits, shape)).dataSync()]);
    expect([...tf.grad(computeLoss)(x).dataSync()].every(Number.isFinite)).toBe(true);
    poisoned[at(1, 1, 3)] = NaN; // four are its own
    const [clean, spoilt] = [...computeLoss(tf.tensor4d(poisoned, shape)).dataSync()];
    expect(clean).toBe(computeLoss(x).dataSync()[0]);
    expect(spoilt).toBeNaN();
  });

  it('gives impossible sequences a large finite loss and no gradient, and the others their own', () => {
    const lanes = [
      [
        { labels: [1, 1], steps: 2 },
        { labels: [1, 2, 1], steps: 2 },
        { labels: [1], steps: 0 },
        { labels: [1, 2], steps: 2 },
      ],
    ];
    const [x, targets] = [
      tf.tensor4d(logits.slice(0, logits.length / 2), [1, ...shape.slice(1)] as typeof shape),
      makeTargets(lanes, [1]),
    ];
    const spellable = byEnumeration(sliceRow(logits, 0, 3, 2), [1, 2]);
    expect(ctcLoss(x, targets).dataSync()[0]).toBeCloseTo(3 * impossibleLoss + spellable, 0);
    const gradient = tf
      .grad((given: Tensor) => ctcLoss(given, targets))(x)
      .dataSync();
    for (const row of [0, 1, 2])
      expect(sliceRow(gradient, 0, row, steps).flat()).toEqual(Array(steps * classes).fill(0));
    expect(
      sliceRow(gradient, 0, 3, 2)
        .flat()
        .every((slope) => slope !== 0 && Number.isFinite(slope)),
    ).toBe(true);
  });

  it('is the sum of blanks for a batch without labels', () => {
    const x = tf.tensor4d([1, 0, 2, 0], [1, 2, 1, 2]);
    const [none, two] = [tf.zeros([1, 1], 'int32'), tf.tensor2d([[2]], [1, 1], 'int32')];
    const targets = {
      labels: tf.zeros([1, 1, 0], 'int32'),
      labelLengths: none,
      inputLengths: two,
      weight: tf.tensor2d([[1]]),
    };
    const expected = Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-2));
    expect(ctcLoss(x, targets).dataSync()[0]).toBeCloseTo(expected, 6);
    const [first] = [
      ...tf
        .grad((given: Tensor) => ctcLoss(given, targets))(x)
        .dataSync(),
    ];
    expect(first).toBeCloseTo(-1 / (1 + Math.E), 6);
  });

  it('stays exact over long sequences, where probabilities are far below the smallest number', () => {
    // Of uniform classes each path of 400 steps has 5^−400; the paths that spell n labels without equal neighbours are C(steps + n, 2n).
    const [long, count] = [400, 3];
    const x = tf.zeros([1, long, 1, 5]);
    const targets = {
      labels: tf.tensor3d([[[1, 2, 3]]], [1, 1, count], 'int32'),
      labelLengths: tf.tensor2d([[count]], [1, 1], 'int32'),
      inputLengths: tf.tensor2d([[long]], [1, 1], 'int32'),
      weight: tf.tensor2d([[1]]),
    };
    let paths = 1;
    for (let each = 0; each < 2 * count; each++) paths *= (long + count - each) / (each + 1);
    expect(ctcLoss(x, targets).dataSync()[0]! / (long * Math.log(5) - Math.log(paths))).toBeCloseTo(1, 6);
    const gradient = tf.grad((given: Tensor) => ctcLoss(given, targets))(x);
    // Over classes each step's slopes sum to 0, and the picture is the same from both ends of the sequence but for the order of labels.
    expect(tf.max(tf.abs(tf.sum(gradient, 3))).dataSync()[0]).toBeLessThan(1e-6);
    const mirrored = tf.reverse(tf.gather(gradient, tf.tensor1d([0, 3, 2, 1, 4], 'int32'), 3), 1);
    expect(tf.max(tf.abs(tf.sub(gradient, mirrored))).dataSync()[0]).toBeLessThan(1e-5);
  });
});
