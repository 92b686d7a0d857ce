import fc from 'fast-check';
import { splitByTime, splitExamples } from './split';

const plain = { split: { validation: 0.2, test: 0.1 }, splitSeed: 0 };

describe('a split by time', () => {
  it('trains on the beginning, validates on what follows, and tests on the end', () => {
    expect(splitByTime(100, plain)).toEqual({
      train: [{ begin: 0, end: 70 }],
      validation: { begin: 70, end: 90 },
      test: { begin: 90, end: 100 },
    });
    expect(splitByTime(10, { ...plain, split: { validation: 0.1, test: 0 } }).test).toBeUndefined();
  });

  it('from 1 on, a part is a number instead of a fraction', () => {
    expect(splitByTime(100, { ...plain, split: { validation: 7, test: 5 } })).toEqual({
      train: [{ begin: 0, end: 88 }],
      validation: { begin: 88, end: 95 },
      test: { begin: 95, end: 100 },
    });
    expect(splitByTime(100, { ...plain, split: { validation: 0.1, test: 5 } }).validation).toEqual({
      begin: 85,
      end: 95,
    });
    expect(splitByTime(100, { ...plain, split: { validation: 5, test: 0.1 } }).validation).toEqual({
      begin: 85,
      end: 90,
    });
    // Where too few are left, a reader finds no training part, and says so.
    expect(splitByTime(10, { ...plain, split: { validation: 7, test: 5 } }).train[0]!.end).toBe(0);
  });

  it('with k folds holds out each part once and trains on all others', () => {
    const folds = [0, 1, 2].map((index) =>
      splitByTime(30, { ...plain, split: { validation: 0.1, test: 0 }, fold: { kind: 'k-fold', of: 3, index } }),
    );
    expect(folds.map(({ validation }) => validation)).toEqual([
      { begin: 0, end: 10 },
      { begin: 10, end: 20 },
      { begin: 20, end: 30 },
    ]);
    expect(folds[1]!.train).toEqual([
      { begin: 0, end: 10 },
      { begin: 20, end: 30 },
    ]);
    expect(folds[0]!.train).toEqual([{ begin: 10, end: 30 }]);
  });

  it('with forward chaining trains only on what precedes the held-out part', () => {
    const folds = [0, 1, 2].map((index) =>
      splitByTime(40, {
        ...plain,
        split: { validation: 0.1, test: 0 },
        fold: { kind: 'forward-chaining', of: 3, index },
      }),
    );
    expect(folds.map(({ train, validation }) => [train[0]!.end, validation.begin, validation.end])).toEqual([
      [10, 10, 20],
      [20, 20, 30],
      [30, 30, 40],
    ]);
  });
});

describe('a split of examples', () => {
  it('puts every example into one part, shuffled by splitSeed only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.nat(1000), (count, splitSeed) => {
        const { train, validation, test } = splitExamples(count, { ...plain, splitSeed });
        expect([...train, ...validation, ...test!].sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, i) => i),
        );
        expect(splitExamples(count, { ...plain, splitSeed })).toEqual({ train, validation, test });
      }),
    );
    expect(splitExamples(100, { ...plain, splitSeed: 1 })).not.toEqual(splitExamples(100, plain));
  });

  it('keeps the examples of a group together by splitting groups', () => {
    const groups = Array.from({ length: 30 }, (_, index) => 'abcde'[(index * 7) % 5]!);
    const halves = { ...plain, split: { validation: 0.3, test: 0.3 } };
    const { train, validation, test } = splitExamples(30, halves, { groups });
    const named = [train, validation, test!].map((part) => [...new Set(Array.from(part, (index) => groups[index]!))]);
    expect(named.flat().sort()).toEqual([...new Set(groups)].sort());
    expect([...train, ...validation, ...test!]).toHaveLength(30);
    expect(splitExamples(30, { ...halves, splitSeed: 4 }, { groups })).not.toEqual({ train, validation, test });
    expect(() => splitExamples(30, plain, { groups: groups.fill('a') })).toThrow('1 groups of examples are too few');
  });

  it('has its share of each class in every part and fold', () => {
    const classes = Array.from({ length: 1000 }, (_, index) =>
      index % 50 === 0 ? 'rare' : index % 3 === 0 ? 'some' : 'most',
    );
    const count = (part: Int32Array, name: string): number => part.filter((index) => classes[index] === name).length;
    const { train, validation, test } = splitExamples(1000, { ...plain, splitSeed: 7 }, { classes });
    expect([train.length, validation.length, test!.length]).toEqual([700, 200, 100]);
    expect([count(train, 'rare'), count(validation, 'rare'), count(test!, 'rare')]).toEqual([14, 4, 2]);
    const folds = [0, 1, 2, 3].map((index) =>
      splitExamples(
        1000,
        { split: { validation: 0.1, test: 0 }, splitSeed: 0, fold: { kind: 'k-fold', of: 4, index } },
        { classes },
      ),
    );
    expect(folds.map(({ validation: held }) => count(held, 'rare'))).toEqual([5, 5, 5, 5]);
    expect(splitExamples(1000, { ...plain, splitSeed: 8 }, { classes })).not.toEqual({ train, validation, test });
  });

  it('refuses too few examples, with the part that would be empty', () => {
    expect(() => splitExamples(3, { ...plain, split: { validation: 0.1, test: 0 } })).not.toThrow();
    expect(() => splitExamples(3, plain)).toThrow('3 examples are too few for a test part');
  });
});
