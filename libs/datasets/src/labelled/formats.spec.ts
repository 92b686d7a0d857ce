import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildTar } from '../archive/tar.fixture';
import { reading, toSource } from '../reading.fixture';
import type { Targets } from '../prepared/data';
import { prepareRows } from './labelled';
import { labelledRows, labelledTable } from './rows';

const listed = (...given: Parameters<typeof labelledRows>): string[] =>
  labelledRows(...given).map(({ text, symbols, label, tags, place }) =>
    [place, text ?? symbols!.join('+'), label ?? tags!.join('+')].join(' | '),
  );
const tagging = { task: { kind: 'tagging', tokens: 'word', vocabulary: 9 } as const, dataset: reading() };
const folders = [
  { name: 'README', content: 'about' },
  { name: 'set/pos/1.txt', content: 'good\n' },
  { name: 'set/neg/1.txt', content: 'bad' },
  { name: 'set/neg/2.txt', content: 'worse' },
];
const files = [
  { name: 'names/Irish.txt', content: 'Byrne\n\nKelly\r\n' },
  { name: 'names/Dutch.txt', content: 'Aalst' },
];

describe('JSON lines without names that are asked for', () => {
  const lines = (...rows: object[]) =>
    toSource('labelled', Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')));

  it('have the same text and label in all rows: another key of a row that lacks one is another thing', () => {
    const one = { review: 'good', category: 'a', rating: 4 };
    const two = { review: 'bad', category: 'b', rating: 1, title: 'no' };
    expect(listed(lines(one, two), 'classification')).toEqual(['line 1 | good | a', 'line 2 | bad | b']);
    expect(() => listed(lines(one, { ...two, category: undefined }), 'classification')).toThrow(
      'line 2: has no target',
    );
    expect(() => listed(lines(one, { ...two, review: undefined }), 'classification')).toThrow('line 2: has no input');
    const labels = [
      { text: 'good', label: 'a' },
      { text: 'bad', label: null, target: 'b' },
    ];
    expect(() => listed(lines(...labels), 'classification')).toThrow('line 2: has no target');
  });
});

describe('labelled texts in folders', () => {
  it('take their class from the folder, in an archive, compressed or not', () => {
    const rows = ['set/neg/1.txt | bad | neg', 'set/neg/2.txt | worse | neg', 'set/pos/1.txt | good | pos'];
    for (const bytes of [buildTar(folders), gzipSync(buildTar(folders))])
      expect(listed(toSource('labelled', bytes), 'classification')).toEqual(rows);
  });

  it('are the lines of one file per class', () => {
    expect(listed(toSource('labelled', buildTar(files)), 'classification')).toEqual([
      'names/Dutch.txt line 1 | Aalst | Dutch',
      'names/Irish.txt line 1 | Byrne | Irish',
      'names/Irish.txt line 3 | Kelly | Irish',
    ]);
  });

  it('may be on disk, where links count and hidden files do not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
    try {
      for (const each of ['pos', 'neg']) mkdirSync(join(folder, each));
      writeFileSync(join(folder, 'pos', 'a.txt'), 'good');
      writeFileSync(join(folder, 'neg', '.hidden'), 'x');
      symlinkSync(join(folder, 'pos', 'a.txt'), join(folder, 'neg', 'b.txt'));
      const rows = ['neg/b.txt | good | neg', 'pos/a.txt | good | pos'];
      expect(listed({ kind: 'labelled', path: folder }, 'classification')).toEqual(rows);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are the lines of one file per class in folders of parts', () => {
    const lists = ['train', 'test'].flatMap((part) =>
      ['pos', 'neg'].map((name) => ({ name: `set/${part}/${name}.txt`, content: `${name} a\n${name} b\n` })),
    );
    const rows = labelledRows(toSource('labelled', buildTar(lists)), 'classification');
    expect(rows.map(({ part, label, text }) => `${part} ${label} ${text}`).sort()).toEqual(
      ['test', 'train'].flatMap((part) =>
        ['neg', 'pos'].flatMap((name) => ['a', 'b'].map((each) => `${part} ${name} ${name} ${each}`)),
      ),
    );
  });

  it('are refused where parts would be taken for classes', () => {
    const read =
      (...names: string[]) =>
      () =>
        labelledRows(
          toSource('labelled', buildTar(names.map((name) => ({ name, content: 'a\nb\n' })))),
          'classification',
        );
    expect(read('train.txt', 'test.txt', 'valid.txt')).toThrow(
      'test.txt, train.txt, valid.txt: are parts by their names',
    );
    expect(read('train/1.txt', 'test/2.txt')).toThrow('is a part by its name, not a class');
    expect(read('train/a.log', 'test/a.log')).toThrow('is a part by its name, not a class');
    expect(read('train.txt', 'bus.txt')()).toHaveLength(4);
  });

  it('are refused without classes, and with the file name if one is not UTF-8', () => {
    const read = (entries: Parameters<typeof buildTar>[0]) => () =>
      labelledRows(toSource('labelled', buildTar(entries)), 'classification');
    const message = 'a folder or archive of labelled texts needs one folder per class, or one file CLASS.txt per class';
    expect(read(files.slice(1))).toThrow(message);
    expect(read([...files, { name: 'other.txt', content: 'x' }].slice(1))).toThrow(message);
    expect(read([...folders, { name: 'set/pos/2.txt', content: Buffer.of(0xe9) }])).toThrow(
      'set/pos/2.txt: the text is not valid UTF-8: convert it, for example with iconv',
    );
  });
});

describe('labelled tables', () => {
  it('are read from compressed bytes too, by column name or position', () => {
    const rows = ['line 2 | a, b | x', 'line 3 | c | y'];
    const named = 'Label,id,Sequence\nx,1,"a, b"\ny,2,c\n';
    expect(listed(toSource('labelled', gzipSync(named)), 'classification')).toEqual(rows);
    expect(listed(toSource('labelled', 'words,kind\n"a, b",x\nc,y\n'), 'classification')).toEqual(rows);
  });

  it('are refused if a label is missing', () => {
    const read = (content: string) => () => labelledRows(toSource('labelled', content), 'classification');
    expect(read('text,label\na,x\nb,\n')).toThrow('line 3: has no label');
    expect(read('{"text":"a","label":"x"}\n{"text":"b","label":" "}\n')).toThrow('line 2: has no label');
  });
});

describe('a label', () => {
  const classes = (content: string, task: Parameters<typeof labelledRows>[1] = 'classification') =>
    labelledRows(toSource('labelled', content), task).map(({ label }) => label);

  it.each([
    ['text,label\na,1.0\nb,0.0\nc,-2\n', ['1', '0', '-2']],
    ['text,label\na,1.5\nb,2.0\n', ['1.5', '2']],
    ['{"text":"a","label":1.0}\n{"text":"b","label":"0.0"}', ['1', '0']],
    ['text,label\na,True\nb,FALSE\n', ['true', 'false']],
    ['{"text":"a","label":true}\n{"text":"b","label":" False "}', ['true', 'false']],
    ['{"text":"a","label":" x"}\n{"text":"b","label":"y"}', ['x', 'y']],
    // No values of a type, so that each is a name as it is written.
    ['text,label\na,1.0\nb,beta\n', ['1.0', 'beta']],
    ['text,label\na,True\nb,Fake\n', ['True', 'Fake']],
    ['text,label\na,1.00\nb,007\n', ['1.00', '007']],
    ['text,label\na,1.00\nb,1.50\nc,100\nd,0.05\n', ['1', '1.5', '100', '0.05']],
    ['text,label\na,-0.0\nb,0\nc,-2.50\n', ['0', '0', '-2.5']],
  ])('is one class in whatever way a number or truth value is written: %j', (content, wanted) => {
    expect(classes(content)).toEqual(wanted);
  });

  it('is one class in parts of several formats', () => {
    const parts = [
      { name: 'train.csv', content: 'text,label\na,1.0\nb,2.0\n' },
      { name: 'test.jsonl', content: '{"text":"a","label":1}\n{"text":"b","label":2}' },
    ];
    const rows = labelledRows(toSource('labelled', buildTar(parts)), 'classification');
    expect(rows.map(({ label, part }) => `${part} ${label}`).sort()).toEqual([
      'test 1',
      'test 2',
      'train 1',
      'train 2',
    ]);
  });

  it('stays as it is where it is a number to predict, whose decimal mark it shows', () => {
    expect(classes('text,label\na,1.0\nb,2.0\n', 'regression')).toEqual(['1.0', '2.0']);
  });

  it('is that of a trained network that learned it as it was written', () => {
    const task = { kind: 'classification', tokens: 'character', vocabulary: 9, pooling: 'last' } as const;
    const numbers = (content: string, classes: string[]) => {
      const rows = labelledRows(toSource('labelled', content), 'classification', { classes });
      const known = { inputVocabulary: ['a'], targetVocabulary: classes };
      const { train } = prepareRows(rows, { task, dataset: { ...reading(), isWhole: true }, reading: known });
      return [...(train.targets as Extract<Targets, { kind: 'classes' }>).classes];
    };
    expect(numbers('text,label\na,1.0\na,2\n', ['2.0', '1.0'])).toEqual([1, 0]);
    expect(numbers('text,label\na,true\na,FALSE\n', ['False', 'True'])).toEqual([1, 0]);
    expect(numbers('{"text":"a","label":" x"}\n{"text":"a","label":"y"}', [' x', 'y '])).toEqual([0, 1]);
    // Names, among which these are texts: a file that has no other ones is not read by their values.
    expect(numbers('text,label\na,1.10\na,1.0\n', ['1.0', '1.1', '1.10', 'beta'])).toEqual([2, 0]);
    expect(() => numbers('text,label\na,1.10\na,1\n', ['1.0', '1.10', 'beta'])).toThrow(
      'line 3: the model does not know the label "1"',
    );
  });

  it('is a text where it is a tag, or the class of a tree', () => {
    const tags = ['1.0', '1'];
    const rows = labelledRows(toSource('labelled', 'a\t1.0\na\t1\n\na\t1\n'), 'tagging', { classes: tags });
    expect(rows.map((row) => row.tags)).toEqual([['1.0', '1'], ['1']]);
    const known = { inputVocabulary: ['a'], targetVocabulary: ['1.0', '2'] };
    expect(() => prepareRows(rows, { ...tagging, reading: known })).toThrow('does not know the label "1"');
  });
});

describe('tagged columns', () => {
  it('are sentences separated by empty lines, with the tag last', () => {
    const conll = '-DOCSTART- -X- O\n\nEU NNP B-ORG\nrejects VBZ O\r\n\n\nPeter\tB-PER\n';
    expect(listed(toSource('labelled', conll), 'tagging')).toEqual([
      'line 3 | EU+rejects | B-ORG+O',
      'line 7 | Peter | B-PER',
    ]);
  });

  it('may have comments, which begin each sentence or have another number of columns than words', () => {
    const commented = '# id 5-9 domain=train\nEU _ _ B-ORG\n# _ _ O\n\n# id 6-9 domain=train\nPeter _ _ B-PER\n';
    expect(listed(toSource('labelled', commented), 'tagging')).toEqual([
      'line 2 | EU+# | B-ORG+O',
      'line 6 | Peter | B-PER',
    ]);
    const between = 'EU _ _ B-ORG\n\n# newdoc\nPeter _ _ B-PER\n';
    expect(listed(toSource('labelled', between), 'tagging')[1]).toBe('line 4 | Peter | B-PER');
    const words = 'win O\n# O\n#1 B-RANK\n\nPeter B-PER\n';
    expect(listed(toSource('labelled', words), 'tagging')[0]).toBe('line 1 | win+#+#1 | O+O+B-RANK');
  });

  it('keep the white space of words: spaces between tabs, and no-break spaces', () => {
    const words = (conll: string) => labelledRows(toSource('labelled', conll), 'tagging').map(({ symbols }) => symbols);
    const two = (sentence: string) => `${sentence}\n\n${sentence}\n`;
    const [tabs] = words(two('-DOCSTART- -X- O\n\n# id 7\nNew York\t_\tB-LOC\n1\u00a0000\t\tO\n\u00a0\t_\tO'));
    expect(tabs).toEqual(['New York', '1\u00a0000', '\u00a0']);
    expect(words(two('1\u00a0000 NN O\nEU\tNN  O'))[0]).toEqual(['1\u00a0000', 'EU']);
    expect(words(two('EU\tNN B-ORG\nis\tVB O'))[0]).toEqual(['EU', 'is']);
  });

  it('may have blanks before their columns, where none of these is missing', () => {
    const rows = ['line 1 | EU+is | B-ORG+O', 'line 4 | a | O'];
    for (const columns of ['\tEU\tB-ORG\n is\tO\n\n\t\ta\tO\n', '  EU B-ORG\n\tis O\n\n \t a O\n'])
      expect(listed(toSource('labelled', columns), 'tagging')).toEqual(rows);
    for (const missing of ['EU\tNN\tB-ORG\n\tVB\tO\n', 'EU\tB-ORG\n\tO\n'])
      expect(() => listed(toSource('labelled', missing), 'tagging')).toThrow(/^line 2: "O" has no (word|tag)/);
  });

  it('have a # as a word where its tag is one that a trained network knows; comments are told', () => {
    const read = (classes?: string[]) =>
      labelledTable(toSource('labelled', '# SYM\none NUM\n\none NUM\n'), 'tagging', { classes });
    expect(read(['NUM', 'SYM']).rows[0]!.symbols).toEqual(['#', 'one']);
    expect(read(['NUM', 'SYM']).facts).toEqual(['CoNLL columns']);
    expect(read().rows[0]!.symbols).toEqual(['one']);
    expect(read().facts).toEqual(['CoNLL columns', 'left out a comment, first line 1']);
  });

  it('may begin with comments that have as many columns as words', () => {
    const conll = '# newdoc 1\n# corpus\nEU B-ORG\n# #\n\nis O\n\n# O\nPeter B-PER\n';
    expect(listed(toSource('labelled', conll), 'tagging')).toEqual([
      'line 3 | EU+# | B-ORG+#',
      'line 6 | is | O',
      'line 8 | #+Peter | O+B-PER',
    ]);
  });

  it('may begin with a word in braces, which is no JSON', () => {
    expect(listed(toSource('labelled', '{ PUNCT\nx NOUN\n\n} PUNCT\n'), 'tagging')).toHaveLength(2);
    expect(listed(toSource('labelled', '{x\tNOUN\n\n}\tPUNCT\n'), 'tagging')[0]).toBe('line 1 | {x | NOUN');
    for (const wrong of ['{"tokens": ["a"]', "{'tokens': ['a'], 'tags': ['b']}", '{ "tokens": [}'])
      expect(() => listed(toSource('labelled', wrong), 'tagging')).toThrow('line 1: not valid JSON');
  });

  it.each(['\r\n', '\r'])('and lists of texts may have the line ends %j', (end) => {
    const conll = ['EU B-ORG', '', 'Peter B-PER', ''].join(end);
    expect(listed(toSource('labelled', conll), 'tagging')).toHaveLength(2);
    const lists = ['Irish', 'Dutch'].map((name) => ({ name: `${name}.txt`, content: `a${end}b${end}` }));
    expect(listed(toSource('labelled', buildTar(lists)), 'classification')).toHaveLength(4);
  });

  it('may be in files by part', () => {
    const parts = ['train', 'test', 'valid'].map((name) => ({ name: `${name}.txt`, content: `${name} B-X\n\nis O\n` }));
    const files = [...parts, { name: 'README', content: 'about' }];
    const { rows, facts } = labelledTable(toSource('labelled', buildTar(files)), 'tagging');
    expect(rows.map(({ part, symbols, place }) => `${part} ${symbols![0]!} ${place}`)).toEqual([
      ...['test test test.txt line 1', 'test is test.txt line 3'],
      ...['train train train.txt line 1', 'train is train.txt line 3'],
      ...['validation valid valid.txt line 1', 'validation is valid.txt line 3'],
    ]);
    expect(facts).toContain('CoNLL columns');
    const shard = [
      { name: 'a.conll', content: 'a B-X\n' },
      { name: 'b.conll', content: 'b O\n' },
    ];
    expect(listed(toSource('labelled', buildTar(shard)), 'tagging')).toEqual([
      ...['a.conll line 1 | a | B-X', 'b.conll line 1 | b | O'],
    ]);
  });

  it('are no texts of classes in folders', () => {
    const texts = ['pos', 'neg'].map((name) => ({ name: `train/${name}/1.txt`, content: 'a good one\n' }));
    expect(() => prepareRows(labelledRows(toSource('labelled', buildTar(texts)), 'tagging'), tagging)).toThrow(
      'tagging needs "tags", one class per step',
    );
  });

  it('of CoNLL-U are refused, whose first column numbers the words', () => {
    const universal = '# text = It works\n1\tIt\tit\tPRON\tPRP\t_\t2\tnsubj\t_\t_\n';
    expect(() => labelledRows(toSource('labelled', universal.repeat(2)), 'tagging')).toThrow(
      'line 2: CoNLL-U has its words in the second of 10 columns: give words and tags alone',
    );
  });

  it('are refused if a word has no tag', () => {
    expect(() => labelledRows(toSource('labelled', 'EU B-ORG\nrejects\n'), 'tagging')).toThrow(
      'line 2: "rejects" has no tag; give a word and its tag on each line',
    );
  });
});

describe('rows of one data set', () => {
  it('must all have the same kind', () => {
    const task = { kind: 'classification', tokens: 'word', vocabulary: 9, pooling: 'last' } as const;
    const content = '{"text":"a","label":"x"}\n{"tokens":["a"],"label":"x"}\n{"text":"b","label":"y"}';
    const rows = labelledRows(toSource('labelled', content), 'classification');
    expect(() => prepareRows(rows, { task, dataset: reading() })).toThrow(
      'line 2: has tokens, but line 1 has a text; all rows must have the same kind',
    );
  });
});
