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
    [['a/train.parquet', 'b/train.parquet'], 'the folder has several data sets (train is in a and b)'],
  ])('are refused: %j', (names, message) => {
    expect(() => partsIn(names.map(file))).toThrow(message);
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
    expect(encode({ kind: 'labelled', bytes: readFileSync(join(folder, 'waves.npz')) }, reader).places).toHaveLength(
      20,
    );
  });
});
