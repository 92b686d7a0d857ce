import type { DataReading, DatasetKind, TaskSpec } from '@unroll/contracts';
import type { ExampleData } from './prepared/data';
import { encode, encodePrompt, encodeSource, type Encoded } from './encode';
import { prepare } from './prepare';
import { listed, reading as dataset, toSource, written } from './reading.fixture';
import { readingForNewHead, readingForTraining, toReading } from './reading';

const tokens = { tokens: 'character', vocabulary: 100 } as const;
const pooling = 'last' as const;
const classification = { kind: 'classification', ...tokens, pooling } as const;
const words = { ...classification, tokens: 'word' } as const;
const tagging = { kind: 'tagging', tokens: 'word', vocabulary: 100 } as const;

type Examples = Encoded & { data: ExampleData };
const read = (kind: DatasetKind, content: string, task: TaskSpec, reading: DataReading): Examples =>
  encode(toSource(kind, content), { dataset: dataset(), task, reading }) as Examples;

describe('new input', () => {
  const known: DataReading = { inputVocabulary: ['a', 'b', 'c'], targetVocabulary: ['no', 'yes'] };
  const ids = ({ data }: Examples): unknown => listed(data.validation.inputs);

  it.each([
    ['one text per line', 'ab\n\ncab\n', ['line 1', 'line 3']],
    ['CSV with a text column', 'id,text\n7,ab\n8,cab\n', ['line 2', 'line 3']],
    ['CSV of Excel', 'sep=;\r\nid;text\r\n7;ab\r\n8;cab\r\n', ['line 3', 'line 4']],
    ['CSV behind comments and empty lines', '# of today\n\nid,text\n7,ab\n8,cab\n', ['line 4', 'line 5']],
    ['CSV with targets, which are ignored', 'label,sequence\nmaybe,ab\n,cab\n', ['line 2', 'line 3']],
    ['JSON lines', '{"text": "ab"}\n{"text": "cab", "label": "other"}\n', ['line 1', 'line 2']],
  ])('may be %s, numbered as in training', (_, content, places) => {
    const encoded = read('labelled', content, classification, known);
    expect(ids(encoded)).toEqual([
      [0, 1],
      [2, 0, 1],
    ]);
    expect(encoded.places).toEqual(places);
    expect(encoded.data).toMatchObject(known);
  });

  it('in a table has its texts in the column that training read them from, whatever its name', () => {
    const lines = Array.from({ length: 40 }, (_, row) => `${row % 2 ? 'good' : 'bad'},this is ${row}`);
    const file = (some: readonly string[], header = 'mood,phrase of it'): string => [header, ...some].join('\n');
    const { data } = prepare(toSource('labelled', file(lines)), { dataset: dataset(), task: words });
    const trained = toReading(data);
    const few = ['bad,this is it', ',is this it'];
    const [texts, places] = [
      ['this is it', 'is this it'],
      ['line 2', 'line 3'],
    ];
    const inputs = [
      file(few),
      file(['this is it', 'is this it'], 'phrase of it'),
      file(['7;this is it', '8;is this it'], 'id;"phrase of it"'),
    ];
    for (const content of inputs) {
      const encoded = read('labelled', content, words, trained);
      expect([written(encoded.data.validation.inputs, trained.inputVocabulary), encoded.places]).toEqual([
        texts.map((text) => text.replace(/\bit\b/, '<unknown>')),
        places,
      ]);
    }
    const json = read(
      'labelled',
      texts.map((text) => JSON.stringify({ 'phrase of it': text })).join('\n'),
      words,
      trained,
    );
    expect(written(json.data.validation.inputs, trained.inputVocabulary)[0]).toBe('this is <unknown>');
    // As named, in small letters or large ones.
    const named = encode(toSource('labelled', file(few)), {
      ...{ dataset: dataset({ text: 'Phrase of it' }), task: words, reading: { ...trained, textColumn: undefined } },
    });
    expect(named.places).toEqual(places);
    // By a bar the first line names columns; by the commas of all lines it does not.
    const odd = read('labelled', 'it|this is it,phrase of it\nis it,this\n', words, { ...trained, textColumn: 'it' });
    expect(odd.places).toEqual(['line 1', 'line 2']);
    // A text without a header is one text a line.
    expect(read('labelled', 'this is it\nis this it\n', words, trained).places).toEqual(['line 1', 'line 2']);
  });

  it.each(['{ab}\n{b}\n', '{ ab: b }\nb\n', '[{ab}]\nb'])('may be texts that begin with a brace: %j', (content) => {
    const reading = { ...known, inputVocabulary: [...'ab{}[]: '] };
    expect(read('labelled', content, classification, reading).places).toEqual(['line 1', 'line 2']);
    // As these are meant as JSON, they are not read as texts.
    for (const broken of ['{\n  "text": "ab"\n}', "{'text': 'ab'}\n", '[{"text": "ab"}, '])
      expect(() => read('labelled', broken, classification, reading)).toThrow('not valid JSON');
  });

  it('in objects has its texts under the key that training read them from', () => {
    const file = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
    const rows = Array.from({ length: 40 }, (_, row) => ({
      review: `this is ${row}`,
      label: row % 2 ? 'good' : 'bad',
    }));
    const { data } = prepare(toSource('labelled', file(rows)), { dataset: dataset(), task: words });
    const trained = toReading(data);
    expect(trained.textColumn).toBe('review');
    const other = [{ comment: 'no', text: 'no', review: 'this is new' }];
    const csv = 'text,comment,review\nno,no,this is new\n';
    for (const content of [file(other), csv])
      expect(
        written(read('labelled', content, words, trained).data.validation.inputs, trained.inputVocabulary),
      ).toEqual(['this is <unknown>']);
  });

  it('maps words unseen in training to <unknown>', () => {
    const reading = { ...known, inputVocabulary: ['<unknown>', 'be', 'to'] };
    const encoded = read('labelled', 'to see or to be\n', words, reading);
    expect(written(encoded.data.validation.inputs, reading.inputVocabulary)).toEqual(['to <unknown> <unknown> to be']);
  });

  it('for a tagger may be sentences or CoNLL columns', () => {
    const reading = { inputVocabulary: ['<unknown>', 'dogs', 'run'], targetVocabulary: ['N', 'V'] };
    for (const content of [
      'dogs run\nrun\n',
      'dogs N\nrun V\n\nrun V\n',
      '# id 1 a=b\ndogs N\nrun V\n\n# id 2\nrun V\n',
      // Of a tag that it has not seen, which is not read.
      'dogs N\nrun X\n\nrun V\n',
    ])
      expect(ids(read('labelled', content, tagging, reading))).toEqual([[1, 2], [2]]);
    expect(ids(read('labelled', '# V\nrun N\n\nrun N\n', tagging, reading))).toEqual([[0, 2], [2]]);
  });

  it.each([
    ['unknown characters', 'ad\nda\n', 'line 1: the model does not know the character "d"'],
    ['numbers', '{"values": [1, 2]}\n', 'line 1: has numbers, but the model reads text'],
    ['a sequence that is too long', `${'a'.repeat(2001)}\n`, 'line 1: the sequence has 2001 steps'],
    ['nothing', '\n\n', 'the input is empty'],
    ['broken JSON', '{"text": \n', 'line 1: not valid JSON'],
  ])('is refused for %s', (_, content, message) => {
    expect(() => read('labelled', content, classification, known)).toThrow(message);
  });

  it('with a row that cannot be read has all others', () => {
    const encoded = read('labelled', `ab\nad\n${'a'.repeat(2001)}\ncab\n`, classification, known);
    expect(ids(encoded)).toEqual([
      [0, 1],
      [2, 0, 1],
    ]);
    expect(encoded.places).toEqual(['line 1', 'line 4']);
    expect(encoded.refused.map(({ at, place }) => [at, place])).toEqual([
      [1, 'line 2'],
      [2, 'line 3'],
    ]);
    expect(encoded.refused[0]!.message).toContain('line 2: the model does not know the character "d"');
    const translation = { kind: 'sequence-to-sequence', ...tokens } as const;
    const pairs = read(
      'pairs',
      'ab\r\nad\r\nca',
      { ...translation, attention: 'none', beamWidth: 1, lengthPenalty: 0 } as never,
      known,
    );
    expect([pairs.places, pairs.refused.map(({ at }) => at)]).toEqual([['line 1', 'line 3'], [1]]);
  });

  it('of numbers must have the trained width', () => {
    const reading = { inputWidth: 2, targetVocabulary: ['no', 'yes'] };
    expect(ids(read('labelled', '{"frames": [[1, 2], [3, 4]]}', classification, reading))).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(() => read('labelled', '{"frames": [[1, 2, 3]]}', classification, reading)).toThrow(
      'the frames have 3 numbers per step, but the model reads 2',
    );
    expect(() => read('labelled', 'ab\n', classification, reading)).toThrow('has a text, but the model reads numbers');
  });

  it('of a series is its last rows, with the trained columns and scaling', () => {
    const task = {
      kind: 'forecasting' as const,
      lookback: 2,
      horizon: 3,
      normalise: 'standard' as const,
      reference: 'none' as const,
      transform: 'none' as const,
      lags: [],
      known: [],
      calendar: [],
      categories: [],
      autoregression: 0,
      loss: 'mse' as const,
      huberDelta: 1,
    };
    const reading = {
      columns: ['b', 'a'],
      inputScaling: { shift: [10, 0], scale: [2, 1] },
      inputWidth: 2,
      targetWidth: 3,
    };
    const encoded = read('series', 'day,a,x,b\nd1,1,0,10\nd2,2,0,12\nd3,3,0,14\n', task, reading);
    expect(ids(encoded)).toEqual([
      [
        [1, 2],
        [2, 3],
      ],
    ]);
    expect(encoded.places).toEqual(['after row 3']);
    expect(() => read('series', 'a,b\n1,2\n', task, reading)).toThrow(
      'has 1 rows, too few for a forecast, which needs 2: give more',
    );
    expect(() => read('series', 'a,c\n1,2\n2,3\n', task, reading)).toThrow('the model reads the column "b"');
  });

  it('of frames follows an empty frame, and is refused for an unknown note', () => {
    const task = { kind: 'multilabel-frames' } as const;
    const reading = { targetVocabulary: ['60', '61', '62'], inputWidth: 3, targetWidth: 3 };
    expect(ids(read('frames', '[[[60, 62], [61]]]', task, reading))).toEqual([
      [
        [0, 0, 0],
        [1, 0, 1],
        [0, 1, 0],
      ],
    ]);
    expect(() => read('frames', '[[[60, 70]]]', task, reading)).toThrow(
      'the notes range from 60 to 70, but the model only knows 60 to 62',
    );
  });
});

describe('a prompt', () => {
  const task = { kind: 'language-model', ...tokens } as const;
  const reading = { inputVocabulary: ['\n', 'a', 'b'] };

  it('is numbered like the text; an empty one is a line break', () => {
    expect(encodePrompt('ba', { task, reading })).toEqual([2, 1]);
    expect(encodePrompt('', { task, reading })).toEqual([0]);
    expect(() => encodePrompt('bc', { task, reading })).toThrow(
      'the prompt: the model does not know the character "c"',
    );
    expect(() => encodePrompt('a', { task: classification, reading })).toThrow('only a language model generates text');
  });

  it('of a sequence-to-sequence model is one source, whatever format its first characters are of', () => {
    const search = { attention: 'none', beamWidth: 1, lengthPenalty: 0 } as const;
    const task = { kind: 'sequence-to-sequence', ...tokens, ...search } as const;
    const reader = { task, dataset: dataset(), reading: { inputVocabulary: ['P', 'A', 'R', '1'], longestTarget: 3 } };
    const { validation } = encodeSource(' PAR1 ', reader);
    expect(validation.count).toBe(1);
    expect(validation.inputs).toMatchObject({ offsets: Int32Array.of(0, 4), ids: Uint16Array.of(0, 1, 2, 3) });
    expect(validation.targets).toMatchObject({ offsets: Int32Array.of(0, 3) });
    expect(() => encodeSource('PAB', reader)).toThrow('the prompt: the model does not know the character "B"');
    expect(() => encodeSource(' ', reader)).toThrow('the prompt');
    expect(() => encodeSource('P', { ...reader, task: classification })).toThrow('writes no text');
  });
});

describe('data read like earlier data', () => {
  const rows = (labels: string[]): string =>
    labels.map((label, index) => JSON.stringify({ text: 'abc'.slice(index % 3), label })).join('\n');
  const of = (content: string, task: TaskSpec, reading?: DataReading) =>
    prepare(toSource('labelled', content), { dataset: dataset(), task, reading }).data;

  it('have its classes and scaling, except for a new head', () => {
    const first = of(rows(['x', 'y', 'z', 'x', 'y', 'z', 'x', 'y']), classification);
    const reading = toReading(first);
    const other = rows(['z', 'z', 'x', 'x', 'z', 'x', 'z', 'x']);
    expect(of(other, classification, reading)).toMatchObject({ targetVocabulary: ['x', 'y', 'z'] });
    expect(of(other, classification, readingForNewHead(reading, 'classification'))).toMatchObject({
      targetVocabulary: ['x', 'z'],
    });
    const regression = { kind: 'regression', ...tokens, pooling, loss: 'mse', huberDelta: 1 } as const;
    const scale = { shift: [100], scale: [10] };
    expect(of(rows(['1', '2', '3', '4']), regression, { ...reading, targetScaling: scale })).toMatchObject({
      targetScaling: scale,
    });
  });

  it('have their texts in a column of their own when they are trained on', () => {
    const table = (header: string): string =>
      [header, ...[...'abcabcabcabc'].map((text, row) => `${text},title ${row},${'xy'[row % 2]}`)].join('\n');
    const reading = toReading(of(table('text,id,label'), classification));
    const known = { ...reading, textColumn: 'title' };
    for (const read of [readingForTraining(known), readingForNewHead(known, 'classification')])
      expect(of(table('text,title,label'), classification, read)).toMatchObject({ textColumn: 'text' });
    expect(() => of(table('text,title,label'), classification, known)).toThrow('does not know the character');
  });

  it('keep the words of a text, and refuse other characters', () => {
    const text = (content: string, task: TaskSpec, reading?: DataReading) =>
      prepare(toSource('text', content), { dataset: dataset(), task, reading }).data;
    const task = { kind: 'language-model', tokens: 'word', vocabulary: 10 } as const;
    const reading = toReading(text('to be or not to be '.repeat(4), task));
    expect(text('to see and not to be '.repeat(4), task, reading)).toMatchObject({
      vocabulary: reading.inputVocabulary,
    });
    const characters = { ...task, tokens: 'character' } as const;
    expect(() => text('abd'.repeat(9), characters, { inputVocabulary: ['a', 'b', 'c'] })).toThrow(
      'the model does not know 1 of the text\'s characters, such as "d"',
    );
  });

  it('are split by the part of each row', () => {
    const part = (parts: (string | undefined)[]): string =>
      parts.map((each, index) => JSON.stringify({ text: 'abc', label: index % 2 ? 'x' : 'y', part: each })).join('\n');
    const data = of(part(['train', 'validation', 'train', 'test', 'train', 'validation']), classification);
    if (data.kind !== 'examples') throw new Error('examples were expected');
    expect([data.train.count, data.validation.count, data.test?.count]).toEqual([3, 2, 1]);
    expect(() => of(part(['train', undefined, 'train', 'train']), classification)).toThrow(
      'line 2: part is missing, but other rows have one',
    );
    expect(() => of(part(['train', 'dev', 'train', 'train']), classification)).toThrow('line 2: part is "dev"');
    expect(() => of(part(['validation', 'test', 'test', 'test']), classification)).toThrow('no row has the part train');
    const held = of(part([...Array<string>(20).fill('train'), 'test', 'test']), classification);
    expect(held).toMatchObject({ train: { count: 15 }, validation: { count: 5 }, test: { count: 2 } });
    const all = toSource('labelled', part(Array<string>(20).fill('train')));
    expect(
      prepare(all, { dataset: dataset({ fold: { kind: 'k-fold', index: 0, of: 4 } }), task: classification }).data,
    ).toMatchObject({ train: { count: 15 }, validation: { count: 5 } });
    const table = 'text,label,part\nab,x,train\nab,y,train\nba,x,validation\nba,y,validation\n';
    expect(of(table, classification)).toMatchObject({ train: { count: 2 }, validation: { count: 2 } });
  });
});
