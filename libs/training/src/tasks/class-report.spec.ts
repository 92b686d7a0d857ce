import type { ExampleData } from '@unroll/datasets';
import { classReport, shownTags } from './class-report';

/** Five texts: two of a, two of b, one of c, and nobody answers c. */
const validation = {
  count: 5,
  inputs: { kind: 'tokens' as const, offsets: Int32Array.of(0, 2, 3, 4, 5, 6), ids: Uint16Array.of(0, 1, 0, 1, 1, 0) },
  targets: { kind: 'classes' as const, classes: Int32Array.of(0, 0, 1, 1, 2) },
  places: ['line 3', 'line 5', 'line 6', 'line 8', 'line 9'],
};
const data: ExampleData = {
  ...{ kind: 'examples', inputVocabulary: ['x', 'y'], targetVocabulary: ['a', 'b', 'c'] },
  ...{ train: validation, validation },
};
const answer = (a: number, b: number) => ({
  class: a > b ? 'a' : 'b',
  probability: Math.max(a, b),
  probabilities: { a, b, c: 1 - a - b },
});
const answers = [answer(0.9, 0.1), answer(0.2, 0.8), answer(0.3, 0.6), answer(0.7, 0.1), answer(0.5, 0.35)];

describe('a class report', () => {
  it('is that of scikit-learn, with the answers of each true class in a row', () => {
    const { examples, classes, confusion } = classReport(data, answers)!;
    expect(examples).toBe(5);
    expect(classes).toEqual([
      { name: 'a', precision: 1 / 3, recall: 1 / 2, f1: 2 / 5, count: 2 },
      { name: 'b', precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, count: 2 },
      { name: 'c', precision: null, recall: 0, f1: 0, count: 1 },
    ]);
    expect(confusion).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [1, 0, 0],
    ]);
  });

  it('names the wrong answers that gave the right class the lowest probability, worst first', () => {
    const { mostWrong } = classReport(data, answers)!;
    expect(mostWrong.map(({ place, right, found, text }) => [place, right, found, text])).toEqual([
      ['line 8', 'b', 'a', 'y'],
      ['line 9', 'c', 'a', 'x'],
      ['line 5', 'a', 'b', 'x'],
    ]);
  });

  it('of tagged sequences counts their steps', () => {
    const targets = { kind: 'tokens' as const, offsets: Int32Array.of(0, 2, 5), ids: Uint16Array.of(0, 1, 1, 2, 0) };
    const tagged = { ...validation, count: 2, targets };
    const report = classReport({ ...data, validation: tagged }, [{ tags: ['a', 'a'] }, { tags: ['b', 'c', 'a'] }])!;
    expect(report.examples).toBe(5);
    expect(report.confusion).toEqual([
      [2, 0, 0],
      [1, 1, 0],
      [0, 0, 1],
    ]);
    expect(report.classes[1]).toEqual({ name: 'b', precision: 1, recall: 1 / 2, f1: 2 / 3, count: 2 });
    expect(report.mostWrong).toEqual([]);
  });

  it('is only for classes', () => {
    const numbers = { kind: 'numbers' as const, width: 1, values: new Float32Array(5) };
    expect(classReport({ ...data, validation: { ...validation, targets: numbers } }, [])).toBeUndefined();
  });
});

it('tagged sequences are shown with the most wrong ones first, and nothing of other tasks', () => {
  const targets = {
    kind: 'tokens' as const,
    offsets: Int32Array.of(0, 2, 3, 4, 5, 6),
    ids: Uint16Array.of(0, 1, 0, 1, 1, 0),
  };
  const tagged = { ...data, validation: { ...validation, targets } };
  const found = [['a', 'b'], ['b'], ['b'], ['a'], ['a']].map((tags) => ({ tags }));
  const shown = shownTags(tagged, found).tagged!;
  expect(shown.tags).toEqual(['a', 'b', 'c']);
  expect(shown.examples.map(({ place }) => place)).toEqual(['line 5', 'line 8', 'line 3', 'line 6', 'line 9']);
  expect(shown.examples[0]).toEqual({ place: 'line 5', symbols: ['x'], right: ['a'], found: ['b'] });
  expect(shownTags(data, answers)).toEqual({});
});
