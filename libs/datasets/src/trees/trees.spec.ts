import { reading, toSource } from '../reading.fixture';
import { parseTree } from './bracketed';
import { prepareTrees } from './trees';

const task = { kind: 'tree-classification', vocabulary: 100 } as const;
const works = '(3 (2 It) (4 (2 works) (2 .)))';
const prepare = (lines: readonly string[], given = {}) =>
  prepareTrees(toSource('labelled', lines.join('\n')), task, reading(given));

describe('a bracketed tree', () => {
  it('has labels, words and children', () => {
    const leaf = (label: string, word: string) => ({ label, word, children: [] });
    expect(parseTree(works, 'line 1')).toEqual({
      label: '3',
      children: [leaf('2', 'It'), { label: '4', children: [leaf('2', 'works'), leaf('2', '.')] }],
    });
  });

  it.each([
    ['3 (2 It)', 'column 1: a bracket "(" is missing'],
    ['((2 It))', 'column 2: a label is missing'],
    ['(3)', 'column 3: a word or a tree is missing'],
    ['(3 (2 It)', 'column 10: a bracket ")" is missing'],
    ['(3 word (2 It))', 'column 9: a bracket ")" is missing'],
    ['(3 a) (2 b)', 'column 7: one tree ends, and more follows'],
    ['(1 '.repeat(1001), 'more than 1000 nested brackets'],
  ])('is refused: %s', (text, message) => {
    expect(() => parseTree(text, 'line 7')).toThrow(message);
    expect(() => parseTree(text, 'line 7')).toThrow(/^line 7, column \d+: .*; a tree looks like/);
  });
});

describe('trees', () => {
  it('have children before their parent and the root last', () => {
    const { data } = prepare(Array<string>(8).fill(works).concat(Array<string>(8).fill('(1 no)')));
    expect(data.targetVocabulary).toEqual(['1', '2', '3', '4']);
    const { train, inputVocabulary } = data;
    const at = Array.from({ length: train.count }, (_, tree) => tree).find(
      (tree) => train.offsets[tree + 1]! - train.offsets[tree]! === 5,
    )!;
    const [begin, end] = [train.offsets[at]!, train.offsets[at + 1]!];
    const word = (id: number): string => (id < 0 ? '' : inputVocabulary[id]!);
    expect(Array.from(train.words.subarray(begin, end), word)).toEqual(['It', 'works', '.', '', '']);
    const labels = Array.from(train.labels.subarray(begin, end), (label) => data.targetVocabulary[label]);
    expect(labels).toEqual(['2', '2', '2', '4', '3']);
    const children = [0, 1, 2, 3, 4].map((node) => [
      ...train.children.subarray(train.childOffsets[begin + node], train.childOffsets[begin + node + 1]),
    ]);
    expect(children).toEqual([[], [], [], [1, 2], [0, 3]]);
  });

  it('have the most frequent root class as their baseline', () => {
    const { data, baselines } = prepare([...Array<string>(12).fill('(0 a)'), ...Array<string>(4).fill('(1 b)')]);
    const held = data.validation.labels.filter((label) => label === 0).length / data.validation.count;
    expect(baselines).toEqual([{ name: 'most frequent class', metrics: { 'validation.accuracy': held } }]);
  });

  it.each([
    [[], {}, 'the data set is empty'],
    [['(1 a)'], {}, 'the data set has 1 trees: give at least two'],
    [['(1 a)', '(1 b'], {}, 'line 2, column 5: a bracket ")" is missing'],
    [['(1 a)', '(1 b)'], {}, 'all rows have the label "1": there is nothing to classify'],
    [['(1 a)', '(1 b)', '(2 c)'], {}, 'line 3: the label "2" has only this row'],
    [
      [works, '(1 a)'],
      { maximumSteps: 2, longer: 'cut' },
      'line 1: the tree has 3 words, more than dataset.maximumSteps, 2',
    ],
  ])('are refused: %j with %j', (lines, given, message) => {
    expect(() => prepare(lines, given)).toThrow(message);
  });
});
