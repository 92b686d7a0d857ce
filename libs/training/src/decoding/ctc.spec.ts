import { stream } from '@unroll/random';
import { ctcBeamSearch, greedyCtc } from './ctc';

const logs = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => row.map(Math.log));

/** Every reading with the sum over all paths of its probability, likeliest first. */
function byEnumeration(rows: readonly (readonly number[])[]): { labels: number[]; logProbability: number }[] {
  const sums = new Map<string, { labels: number[]; probability: number }>();
  const classes = rows[0]!.length;
  for (let number = 0; number < classes ** rows.length; number++) {
    const path = rows.map((_, step) => Math.floor(number / classes ** step) % classes);
    const labels = greedyCtc(path, path.length);
    const known = sums.get(labels.join()) ?? { labels, probability: 0 };
    known.probability += path.reduce((product, label, step) => product * Math.exp(rows[step]![label]!), 1);
    sums.set(labels.join(), known);
  }
  return [...sums.values()]
    .sort((a, b) => b.probability - a.probability)
    .map(({ labels, probability }) => ({ labels, logProbability: Math.log(probability) }));
}

function randomRows(seed: number, steps: number, classes: number): number[][] {
  const random = stream(seed, 'sample');
  return Array.from({ length: steps }, (_, step) => {
    const weights = Array.from({ length: classes }, (__, each) => Math.exp(2 * random.normal(step, each)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => Math.log(weight / sum));
  });
}

describe('greedy decoding of CTC', () => {
  it('merges repeats, takes blanks out, and reads no further than the length', () => {
    expect(greedyCtc([0, 1, 1, 0, 1, 2, 2, 0, 3], 9)).toEqual([1, 1, 2, 3]);
    expect(greedyCtc(Int32Array.of(0, 1, 1, 2, 3), 3)).toEqual([1]);
    expect(greedyCtc([2, 0], 0)).toEqual([]);
    expect(greedyCtc([0, 0], 2)).toEqual([]);
  });
});

describe('beam search of CTC', () => {
  it('finds the reading that is likelier than that of the likeliest path', () => {
    // The path of two blanks has 0.36, but the three paths that spell [1] have 0.64 together.
    const rows = logs([
      [0.6, 0.4],
      [0.6, 0.4],
    ]);
    expect(greedyCtc([0, 0], 2)).toEqual([]);
    const [best, other] = ctcBeamSearch(rows, 10);
    expect(best!.labels).toEqual([1]);
    expect(best!.logProbability).toBeCloseTo(Math.log(0.64), 12);
    expect(other!.labels).toEqual([]);
    expect(other!.logProbability).toBeCloseTo(Math.log(0.36), 12);
  });

  it('gives every reading its probability over all paths where it is wide enough', () => {
    for (const seed of [1, 2, 3]) {
      const rows = randomRows(seed, 5, 3);
      const [ours, expected] = [ctcBeamSearch(rows, 1000), byEnumeration(rows)];
      expect(ours.map(({ labels }) => labels)).toEqual(expected.map(({ labels }) => labels));
      ours.forEach(({ logProbability }, index) =>
        expect(logProbability).toBeCloseTo(expected[index]!.logProbability, 10),
      );
    }
  });

  it('keeps no more readings than its width, and none that has more than its probability', () => {
    const rows = randomRows(4, 6, 4);
    const exact = new Map(byEnumeration(rows).map(({ labels, logProbability }) => [labels.join(), logProbability]));
    const readings = ctcBeamSearch(rows, 3);
    expect(readings).toHaveLength(3);
    for (const { labels, logProbability } of readings)
      expect(logProbability).toBeLessThanOrEqual(exact.get(labels.join())! + 1e-12);
  });

  it('reads nothing from nothing, takes classes without any probability, and refuses a beam without width', () => {
    expect(ctcBeamSearch([], 4)).toEqual([{ labels: [], logProbability: 0 }]);
    expect(ctcBeamSearch(logs([[0, 1, 0], [1, 0, 0], [0, 1, 0]]), 1)).toEqual([{ labels: [1, 1], logProbability: 0 }]); // oxfmt-ignore
    expect(() => ctcBeamSearch([], 0)).toThrow('the width of a beam must be at least 1, not 0');
  });
});
