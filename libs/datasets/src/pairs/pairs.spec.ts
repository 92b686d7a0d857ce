import { reading, toSource, sequenceTargets, written } from '../reading.fixture';
import { trialSpec } from '@unroll/contracts';
import type { ExampleData, Sequences } from '../prepared/data';
import { encodeInput } from '../single-inputs';
import { toReading } from '../reading';
import { encodeSources } from './encode';
import { preparePairs } from './pairs';
import { prepareFromVector } from './from-vector';

const task = { kind: 'sequence-to-sequence', tokens: 'character', vocabulary: 100 } as const;
const lines = 'ab\tba\nabc\tcba\r\n\nb\tb\textra column\na\ta\n';

describe('pairs of texts', () => {
  it('have the end symbol after every target', () => {
    const { data } = preparePairs(toSource('pairs', lines), task, reading());
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
    const { data } = preparePairs(toSource('pairs', rows), { ...task, tokens: 'word', vocabulary: 3 }, reading());
    expect(data.inputVocabulary).toEqual(['<unknown>', '<end>', 'go']);
    expect(data.targetVocabulary).toEqual(['<start>', '<end>', '<unknown>', 'va']);
    expect(written(sequenceTargets(data.validation), data.targetVocabulary)[0]).toBe('va <unknown> <unknown> <end>');
  });

  it('end with the end symbol even when cut', () => {
    const { data } = preparePairs(toSource('pairs', lines), task, reading({ maximumSteps: 2, longer: 'cut' }));
    const targets = [data.train, data.validation].flatMap((part) =>
      written(sequenceTargets(part), data.targetVocabulary),
    );
    expect(targets).toContain('c b <end>');
  });

  const many = (rows: readonly string[]): string => rows.join('\n');
  it.each([
    ['CSV', many(['source,target', '"a, b",c', 'b,"c', 'a"', 'c,a'])],
    ['CSV in another order, with other columns', many(['id,Target,Source', '1,c,"a, b"', '2,"c', 'a",b', '3,a,c'])],
    ['CSV of Excel', many(['sep=;', 'source;target', 'a, b;c', 'b;"c', 'a"', 'c;a'])],
    ['lines with a header', many(['src\ttgt', 'a, b\tc', 'b\t"c', 'a"', 'c\ta'])],
    [
      'JSON lines',
      many([
        '{"id":"x","target":"c","source":"a, b"}',
        '{"source":"b","target":"c\\na"}',
        '{"source":"c","target":"a"}',
      ]),
    ],
    ['a JSON list', '[{"input":"a, b","output":"c"},{"input":"b","output":"c\\na"},{"input":"c","output":"a"}]'],
    [
      'JSON lines of translations',
      many([
        '{"translation":{"en":"a, b","fr":"c"}}',
        '{"translation":{"en":"b","fr":"c\\na"}}',
        '{"translation":{"en":"c","fr":"a"}}',
      ]),
    ],
    [
      'JSON lines with a number first',
      many(['{"id":1,"en":"a, b","fr":"c"}', '{"id":2,"en":"b","fr":"c\\na"}', '{"id":3,"en":"c","fr":"a"}']),
    ],
  ])('are read from a table with names: %s', (_, content) => {
    const { data, facts } = preparePairs(toSource('pairs', content), task, reading());
    const pairs = [data.train, data.validation].flatMap((part) => {
      const targets = written(sequenceTargets(part), data.targetVocabulary);
      return written(part.inputs, data.inputVocabulary).map((input, index) => `${input} | ${targets[index]}`);
    });
    expect(new Set(pairs)).toEqual(new Set(['a ,   b | c <end>', 'b | c \n a <end>', 'c | a <end>']));
    expect(facts[0]).toMatch(/^pairs of .*: source (source|src|input|en), target (target|tgt|output|fr)$/i);
    const { inputs } = encodeSources(toSource('pairs', content), 'character', reading(), toReading(data));
    expect(written(inputs as Sequences, data.inputVocabulary)).toEqual(['a ,   b', 'b', 'c']);
  });

  it('may begin like JSON or name other things, and are lines all the same', () => {
    const read = (content: string) => preparePairs(toSource('pairs', content), task, reading()).data;
    expect(read('{"a":1}\ta\n{"b":2}\tb\n').train.count).toBe(1);
    expect(read('source\tQuelle\ntarget\tZiel\n').train.count).toBe(1);
    // By a comma the first line names columns; by the tabs of all lines it does not.
    const listed = read('input,output\tEingabe\nsource\tQuelle\n');
    expect(written(listed.train.inputs, listed.inputVocabulary)).toHaveLength(1);
  });

  const csv = many(['source,target', 'source,b', 'ab,c', 'b,a']);
  const json = many(['{"id":1,"en":"source","fr":"b"}', '{"id":2,"en":"ab","fr":"c"}', '{"id":3,"en":"b","fr":"a"}']);
  const plain = many(['{source}\tb', '{"b": 1}\tc', 'source\ta', 'ab[]\tb']);
  it.each([
    ['a formula', plain, '{source}\nab', ['{source}', 'ab']],
    ['code', plain, '{"b": ab}\nab\n', ['{"b": ab}', 'ab']],
    ['a list in code', plain, '[{ab}]\nab\n', ['[{ab}]', 'ab']],
    ['JSON', plain, '{"b": 1}\n{"b":"b"}', ['{"b": 1}', '{"b":"b"}']],
    ['the name of a column', plain, 'source\nab\n', ['source', 'ab']],
    ['a table, all the same', plain, '{"id":"1","source":"ab"}\n', ['ab']],
    ['a column alone', csv, 'source\nab\n', ['ab']],
    ['a column alone, in large letters', csv, 'Source\r\n"a\nb"\r\n', ['a\nb']],
    ['lines', csv, 'ab\nsource\n', ['ab', 'source']],
    [
      'the column of the training',
      many(['source,target,en', 'a,b,c', 'b,a,c', 'c,a,b']),
      'en,id,source\nb,a,ab\n',
      ['ab'],
    ],
    ['that of JSON, behind other texts', json, '{"id":"source","en":"ab"}', ['ab']],
  ])('are read for a prediction as in training where the sources are %s', (_, trained, content, wanted) => {
    const { data } = preparePairs(toSource('pairs', trained), task, reading());
    const known = { ...toReading(data), inputVocabulary: [...new Set(`${content}source`)] };
    const { inputs } = encodeSources(toSource('pairs', content), 'character', reading(), known);
    expect(written(inputs as Sequences, known.inputVocabulary).map((each) => each.replaceAll(/(.) ?/gs, '$1'))).toEqual(
      wanted,
    );
  });

  it.each([plain, csv, json])('are served whatever they begin with, or say: case %#', (trained) => {
    const { data } = preparePairs(toSource('pairs', trained), task, reading());
    for (const text of ['source', 'en', '{ab}', '{"b": 1}', '[{"source": "b"}]', 'source,target', ' ab ']) {
      const known = { ...toReading(data), inputVocabulary: [...new Set(`${text} `)] };
      const encoded = encodeInput(text, {
        task: trialSpec.parse({ dataset: 'a', task }).task,
        dataset: reading(),
        reading: known,
      });
      const { inputs } = (encoded.data as ExampleData).validation;
      expect(written(inputs, known.inputVocabulary)).toEqual([[...text.trim()].join(' ')]);
    }
  });

  it('are refused for a prediction as JSON that is wrong where they were columns in training', () => {
    const { data } = preparePairs(toSource('pairs', json), task, reading());
    const encoded = (content: string) =>
      encodeSources(toSource('pairs', content), 'character', reading(), toReading(data));
    expect(() => encoded('{"en": "a"')).toThrow('line 1: not valid JSON');
    expect(() => encoded('{\n  "en": "a"\n}\n')).toThrow('line 1: not valid JSON');
  });

  it.each([
    ['', {}, 'the data set is empty'],
    ['a\tb', {}, 'the data set has 1 pairs: give at least two'],
    ['a\tb\nab\n', {}, 'line 2: has no tab; each line must be source, tab, target'],
    ['a,b\nb,c\n', {}, 'name the columns of a CSV source and target in its first line'],
    ['source,target\na,b\nb,\n', {}, 'line 3: target is empty'],
    ['{"source":"a","target":"b"}\n{"source":"a"}', {}, 'line 2: target is empty'],
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
