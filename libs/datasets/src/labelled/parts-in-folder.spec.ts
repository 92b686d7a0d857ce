import { trialSpec } from '@unroll/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '../encode';
import { firstLook } from '../look';
import { prepare } from '../prepare';
import type { DataSource } from '../source/data-source';
import { toReading } from '../reading';
import { folderRows } from './folder';
import { partsIn } from './parts-in-folder';

/** Written by the library datasets and NumPy: see tests/interchange/data.py. */
const folder = join(__dirname, '../../../../tests/interchange/fixtures/data');
const at = (path: string, kind: DataSource['kind'] = 'labelled'): DataSource => ({ kind, path: join(folder, path) });
const spec = (task: unknown, dataset: object = {}) => trialSpec.parse({ dataset: { name: 'a', ...dataset }, task });

describe('folders of classes within folders of parts', () => {
  const names = (folders: readonly string[]): string[] =>
    folders.flatMap((name) => [1, 2, 3].map((file) => `reviews/${name}/${file}.txt`));
  const rows = (folders: readonly string[]) =>
    folderRows(names(folders).map((name) => ({ name, bytes: () => Buffer.from('a text') })));
  const partsOf = (folders: readonly string[]): string[] => [
    ...new Set(rows(folders).map(({ part = 'none', label }) => `${part} ${label}`)),
  ];

  it('are of these parts', () => {
    expect(partsOf(['train/neg', 'train/pos', 'test/neg', 'test/pos'])).toEqual([
      ...['train neg', 'train pos', 'test neg', 'test pos'],
    ]);
    expect(partsOf(['Train/a', 'Train/b', 'dev/a', 'dev/b'])).toContain('validation a');
  });

  it('are of none where not all are, or none is to train on', () => {
    expect(partsOf(['train/neg', 'train/pos', 'more/neg', 'more/pos'])).toEqual(['none neg', 'none pos']);
    expect(partsOf(['test/neg', 'test/pos'])).toEqual(['none neg', 'none pos']);
    expect(partsOf(['train/neg', 'train/pos'])).toEqual(['none neg', 'none pos']);
    expect(partsOf(['train', 'bus'])).toEqual(['none train', 'none bus']);
  });
});

describe('data sets of Hugging Face', () => {
  it.each(['hub', 'saved', 'lines'])('are read by their parts, with the names of their classes: %s', (name) => {
    const { data } = prepare(at(name), spec({ kind: 'classification' }));
    if (data.kind !== 'examples') throw new Error('examples were expected');
    expect([data.train.count, data.validation.count, data.test?.count]).toEqual([36, 4, 10]);
    const names = name === 'lines' ? ['0', '1'] : ['negative', 'positive'];
    expect(data.targetVocabulary).toEqual(names);
    expect(firstLook(at(name)).facts[0]).toContain('read 50 rows: parts test, train');
  });

  it('of tagged words and of translations are read from lists and objects', () => {
    const tagged = prepare(at('tagged.parquet'), spec({ kind: 'tagging' }, { text: 'tokens', label: 'ner_tags' }));
    expect(tagged.data).toMatchObject({ targetVocabulary: expect.arrayContaining(['O', 'B']) });
    const pairs = prepare(
      at('pairs.parquet', 'pairs'),
      spec({ kind: 'sequence-to-sequence', tokens: 'word' }, { split: { validation: 0.34 } }),
    );
    expect(pairs.data).toMatchObject({ train: { count: 1 }, inputVocabulary: expect.arrayContaining(['a']) });
  });

  const file = (name: string) => ({ name, bytes: () => Buffer.from('') });
  it.each([
    [['train.csv', 'other.csv'], 'other.csv: is neither train, validation nor test by its name'],
    [['train_val.jsonl', 'test.jsonl'], 'train_val.jsonl: may be of the part train or validation by its name'],
    [['train.jsonl', 'test/train.jsonl'], 'test/train.jsonl: may be of the part train or test by its name and folder'],
    [['a/train.parquet', 'b/train.parquet'], 'the folder has several data sets (train is in a and b)'],
  ])('are refused: %j', (names, message) => {
    expect(() => partsIn(names.map(file))).toThrow(message);
  });

  const parts = (front: string, names: readonly string[], card = 'README.md') =>
    partsIn([{ name: card, bytes: () => Buffer.from(`---\n${front}\n---\n# A card\n`) }, ...names.map(file)])!.map(
      ({ file: { name }, part }) => [name, part],
    );

  // Each as load_dataset of datasets 5.2.0 reads it.
  it.each([
    [
      'configs: [{config_name: default, data_files: [{split: train, path: a.jsonl}, {split: test, path: b.jsonl}]}]',
      ['a.jsonl', 'b.jsonl'],
      { 'a.jsonl': 'train', 'b.jsonl': 'test' },
    ],
    [
      'configs: [{data_files: [{split: train, path: "data/*_1.csv"}, {split: validation, path: [data/x_2.csv, "**/y_2.csv"]}]}]',
      ['data/x_1.csv', 'data/x_2.csv', 'data/y_1.csv', 'data/y_2.csv'],
      { 'data/x_1.csv': 'train', 'data/y_1.csv': 'train', 'data/x_2.csv': 'validation', 'data/y_2.csv': 'validation' },
    ],
    [
      'configs: [{data_files: [{split: test, path: train.csv}, {split: train, path: test.csv}]}]',
      ['train.csv', 'test.csv'],
      { 'train.csv': 'test', 'test.csv': 'train' },
    ],
    ['configs: [{data_files: train.csv}]', ['train.csv', 'test.csv'], { 'train.csv': 'train' }],
    ['configs: [{data_dir: good}]', ['good/train.csv', 'bad/train.csv'], { 'good/train.csv': 'train' }],
    [
      'configs: [{config_name: en, data_files: "en/*"}, {config_name: de, default: true, data_files: {train: "de/*"}}]',
      ['en/a.csv', 'de/a.csv'],
      { 'de/a.csv': 'train' },
    ],
    ['configs: [{data_files: "**"}]', ['train.csv', 'test.csv'], { 'train.csv': 'train', 'test.csv': 'train' }],
    ['configs: [{data_files: [a.csv, "*.csv"]}]', ['a.csv', 'b.csv'], { 'a.csv': 'train', 'b.csv': 'train' }],
    ['configs: [{data_files: "[!b-y]?[.]csv"}]', ['a1.csv', 'b1.csv', 'a12.csv'], { 'a1.csv': 'train' }],
    [
      'configs: [{data_files: {train: "**/*.json", test: "x/**"}}]',
      ['a.json', 'b/c/d.json', 'config.json', 'dataset_infos.json', 'x/y/a.csv', 'x/LICENSE'],
      { 'a.json': 'train', 'b/c/d.json': 'train', 'x/y/a.csv': 'test' },
    ],
    ['license: mit', ['train.csv', 'test.csv'], { 'train.csv': 'train', 'test.csv': 'test' }],
  ])('have the parts that their card names: %s', (front, names, wanted) => {
    expect(parts(front, names)).toHaveLength(Object.keys(wanted).length);
    expect(Object.fromEntries(parts(front, names))).toEqual(wanted);
    const inFolder = Object.entries(wanted).map(([name, part]) => [`set/${name}`, part]);
    const moved = names.map((name) => `set/${name}`);
    expect(Object.fromEntries(parts(front, moved, 'set/README.md'))).toEqual(Object.fromEntries(inFolder));
  });

  it('are refused where their card says what is not there, or several', () => {
    expect(() => parts('configs: [{data_files: a.csv}]', ['b.csv'])).toThrow(
      'README.md: names the files a.csv, but there',
    );
    expect(() => parts('configs: [{data_files: [{split: extra, path: a.csv}]}]', ['a.csv'])).toThrow(
      'README.md: has the part extra, which is neither',
    );
    const several = 'configs: [{config_name: en, data_files: "*"}, {config_name: de, data_files: "*"}]';
    expect(() => parts(several, ['a.csv'])).toThrow('README.md: has the configurations en, de: give a folder');
  });

  it.each([
    ['[null]', /^README\.md: configs\[0\] is not as/],
    ['[{data_dir: 5}]', /^README\.md: configs\[0\]\.data_dir is not as/],
    ['[{data_files: [{split: train}]}]', /^README\.md: configs\[0\]\.data_files is not as/],
    ['[{data_files: {train: 5}}]', /^README\.md: configs\[0\]\.data_files is not as/],
    ['[{data_files: "[b-a].csv"}]', /^README\.md: \[b-a\]\.csv: the range b-a holds no character$/],
    ['[{data_files: "*.json"}]', /^README\.md: names the files \*\.json, but there is none with rows/],
    [
      '[{data_files: {train: "*.csv", test: a.csv}}]',
      /^README\.md: has a\.csv in the parts train and test: name it in one of them$/,
    ],
  ])('are refused in one line where their card is wrong: %s', (configs, message) => {
    expect(() => parts(`configs: ${configs}`, ['a.csv', 'dataset_info.json'])).toThrow(message);
  });

  it('are not parted by the folders that all are in', () => {
    const partsOf = (names: readonly string[]) => partsIn(names.map(file))?.map(({ part }) => part);
    expect(partsOf(['test/train.jsonl', 'test/validation.jsonl'])).toEqual(['train', 'validation']);
    expect(partsOf(['test/a/train/0.jsonl', 'test/a/dev/0.jsonl'])).toEqual(['train', 'validation']);
    expect(partsOf(['train/data-00000.arrow', 'train/data-00001.arrow'])).toEqual(['train', 'train']);
  });

  it('are told from one file for each class', () => {
    expect(partsIn(['good.csv', 'bad.csv'].map(file))).toBeUndefined();
    expect(partsIn(['a/1.txt', 'b/2.txt'].map(file))).toBeUndefined();
    expect(
      partsIn(['README.md', 'data-00000-of-00002.parquet', 'data-00001-of-00002.parquet'].map(file)),
    ).toMatchObject([{ part: undefined }, { part: undefined }]);
  });
});

describe('sequences in arrays of NumPy', () => {
  it('have their answers and parts by name', () => {
    const trial = spec({ kind: 'classification' });
    const { data } = prepare(at('waves.npz'), trial);
    if (data.kind !== 'examples') throw new Error('examples were expected');
    expect([data.train.count, data.validation.count, data.test?.count]).toEqual([18, 2, 10]);
    expect(data.train.inputs).toMatchObject({ kind: 'vectors', width: 2 });
    const reader = { ...trial, reading: toReading(data) };
    const { places } = encode({ kind: 'labelled', bytes: readFileSync(join(folder, 'waves.npz')) }, reader);
    expect(places).toHaveLength(30);
    expect([places[0], places.at(-1)]).toEqual(['x_train[0]', 'x_test[9]']);
  });
});
