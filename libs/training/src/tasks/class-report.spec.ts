import type { ExampleData, TreeData } from '@unroll/datasets';
import { Network } from '../models/network';
import { makeSpec, many, trained } from '../testing/models.fixture';
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

  it('of trees is that of their roots, whose text are their leaves', () => {
    // (1 (0 x) (2 y)), answered right, and (0 (1 y) (0 x)), answered as c.
    const validation = {
      ...{ count: 2, offsets: Int32Array.of(0, 3, 6), words: Int32Array.of(0, 1, -1, 1, 0, -1) },
      ...{ labels: Int32Array.of(0, 2, 1, 1, 0, 0), childOffsets: Int32Array.of(0, 0, 0, 2, 2, 2, 4) },
      ...{ children: Int32Array.of(0, 1, 0, 1), places: ['line 2', 'line 7'] },
    };
    const vocabularies = { inputVocabulary: ['x', 'y'], targetVocabulary: ['a', 'b', 'c'] };
    const trees: TreeData = { kind: 'trees', ...vocabularies, train: validation, validation };
    const c = { class: 'c', probability: 0.8, probabilities: { a: 0.15, b: 0.05, c: 0.8 } };
    expect(classReport(trees, [answer(0.1, 0.9), c])).toMatchObject({
      examples: 2,
      confusion: [
        [0, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
      ],
      mostWrong: [{ place: 'line 7', right: 'a', found: 'c', probability: 0.15, text: 'y x' }],
    });
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

it('of trees is among what people look at of a trained network', async () => {
  const bytes = Buffer.from(many(12, (at) => `(${at % 2} (${at % 2} ${at % 2 ? 'good' : 'bad'}) (2 so))`).join('\n'));
  const training = { batchSize: 4, updates: 40, reportEvery: 40, learningRate: 0.05 };
  const changes = { model: { cell: 'lstm' }, training };
  const { model, data } = await trained({ kind: 'labelled', bytes }, [makeSpec('tree-classification', changes)]);
  const network = new Network(model, data);
  const { classes } = await network.task.exhibit!(network.named);
  network.dispose();
  expect(classes!.confusion).toEqual([
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 0],
  ]);
});
