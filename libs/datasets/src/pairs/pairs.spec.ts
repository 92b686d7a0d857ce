import { reading, toSource, sequenceTargets, written } from '../reading.fixture';
import { preparePairs } from './pairs';
import { prepareFromVector } from './from-vector';

const task = { kind: 'sequence-to-sequence', tokens: 'character', vocabulary: 100 } as const;
const lines = 'ab\tba\nabc\tcba\r\n\nb\tb\textra column\na\ta\n';

describe('pairs of texts', () => {
  it('have the end symbol after every target', () => {
    const data = preparePairs(toSource('pairs', lines), task, reading());
    expect(data.inputVocabulary).toEqual(['a', 'b', 'c']);
    expect(data.targetVocabulary).toEqual(['<start>', '<end>', '<unknown>', 'a', 'b', 'c']);
    const pairs = [data.train, data.validation].flatMap((part) => {
      const targets = written(sequenceTargets(part), data.targetVocabulary);
      return written(part.inputs, data.inputVocabulary).map((input, index) => `${input} | ${targets[index]}`);
    });
    expect(new Set(pairs)).toEqual(new Set(['a | a <end>', 'a b | b a <end>', 'a b c | c b a <end>', 'b | b <end>']));
  });

  it('of words use the most frequent words of the training part, and treat decoder symbols as unknown', () => {
    const rows = Array.from({ length: 8 }, () => 'go <end> now\tva <end> vite').join('\n');
    const data = preparePairs(toSource('pairs', rows), { ...task, tokens: 'word', vocabulary: 3 }, reading());
    expect(data.inputVocabulary).toEqual(['<unknown>', '<end>', 'go']);
    expect(data.targetVocabulary).toEqual(['<start>', '<end>', '<unknown>', 'va']);
    expect(written(sequenceTargets(data.validation), data.targetVocabulary)[0]).toBe('va <unknown> <unknown> <end>');
  });

  it('end with the end symbol even when cut', () => {
    const data = preparePairs(toSource('pairs', lines), task, reading({ maximumSteps: 2, longer: 'cut' }));
    const targets = [data.train, data.validation].flatMap((part) =>
      written(sequenceTargets(part), data.targetVocabulary),
    );
    expect(targets).toContain('c b <end>');
  });

  it.each([
    ['', {}, 'the data set is empty'],
    ['a\tb', {}, 'the data set has 1 pairs: give at least two'],
    ['a\tb\nab\n', {}, 'line 2: has no tab; each line must be source, tab, target'],
    ['a\tb\n \tb', {}, 'line 2, source: the sequence is empty'],
    ['a\tb\nb\t', {}, 'line 2, target: the sequence is empty'],
    [lines, { maximumSteps: 2 }, 'line 2, target: the sequence has 3 steps, more than dataset.maximumSteps, 2'],
  ])('are refused: %j with %j', (content, given, message) => {
    expect(() => preparePairs(toSource('pairs', content), task, reading(given))).toThrow(message);
  });
});

describe('sequences from a vector', () => {
  const fromVector = { ...task, kind: 'sequence-from-vector' } as const;
  const prepare = (rows: readonly object[]) =>
    prepareFromVector(toSource('labelled', rows.map((row) => JSON.stringify(row)).join('\n')), fromVector, reading());

  it('have the vector as one input step, and the text with the end symbol as target', () => {
    const data = prepare([1, 2, 3, 4].map((value) => ({ vector: [value, -1], text: 'x'.repeat(value) })));
    const { train } = data;
    expect(train.inputs).toMatchObject({ kind: 'vectors', width: 2, offsets: Int32Array.of(0, 1, 2, 3) });
    const values = (train.inputs as { values: Float32Array }).values;
    const { shift, scale } = data.inputScaling!;
    written(sequenceTargets(train), data.targetVocabulary).forEach((text, index) =>
      expect(text).toBe(`${'x '.repeat(Math.round(values[2 * index]! * scale[0]! + shift[0]!))}<end>`),
    );
  });

  it('may be lists of tokens, which are treated as words', () => {
    const data = prepare([1, 2, 3, 4].map((value) => ({ vector: [value], tokens: ['red', 'car'] })));
    expect(data.targetVocabulary).toEqual(['<start>', '<end>', '<unknown>', 'car', 'red']);
  });

  it.each([
    [[{ vector: [1], text: 'a' }], 'the data set has 1 rows: give at least two'],
    [[{ vector: [1], text: 'a' }, { text: 'a' }], 'line 2: has no "vector", a list of numbers'],
    [
      [
        { vector: [1], text: 'a' },
        { vector: [], text: 'a' },
      ],
      'line 2: has no "vector", a list of numbers',
    ],
    [[{ vector: [1], text: 'a' }, { vector: [1] }], 'line 2: has no sequence; give "text" or "tokens"'],
    [
      [
        { vector: [1], text: 'a' },
        { vector: [1], tokens: ['a'] },
      ],
      'line 2: some rows have text and others tokens',
    ],
    [
      [
        { vector: [1], text: 'a' },
        { vector: [1, 2], text: 'a' },
      ],
      'line 2: a frame has 2 numbers, but the first frame has 1',
    ],
    [
      [
        { vector: [1], text: '' },
        { vector: [1], text: 'a' },
      ],
      'line 1: the sequence is empty',
    ],
  ])('are refused: %j', (rows, message) => {
    expect(() => prepare(rows)).toThrow(message);
  });
});
