import { Schema, Table, tableFromArrays, tableToIPC } from 'apache-arrow';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedFile } from '../archive/named-file';
import { buildTar } from '../archive/tar.fixture';
import { DatasetError } from '../prepared/data';
import type { LabelledRow } from './row';
import { labelledTable } from './rows';

const cardOf = (names: string, column = 'name: label\n    dtype', configs = ''): string =>
  `---\n${configs}dataset_info:\n  features:\n  - name: text\n    dtype: string\n  - ${column}:\n      class_label:\n        names: ${names}\n---\n`;

const read = (files: Record<string, string | Uint8Array>, task: 'classification' | 'tagging' = 'classification') =>
  labelledTable(
    { kind: 'labelled', bytes: buildTar(Object.entries(files).map(([name, content]) => ({ name, content }))) },
    task,
    task === 'tagging' ? { label: 'ner_tags' } : {},
  );
const labels = (card: string, name: NamedFile['name'], content: string | Uint8Array): (string | undefined)[] =>
  read({ 'README.md': card, [name]: content }).rows.map(({ label }: LabelledRow) => label);

const byNumber = "{'0': neg, '1': pos}";
/** A table that names its own classes, as `datasets` writes them. */
function namedTable(names: readonly string[]): Uint8Array {
  const { schema, batches } = tableFromArrays({ text: ['a', 'b', 'c'], label: Int32Array.of(1, 0, 1) });
  const info = { features: { label: { names, _type: 'ClassLabel' } } };
  const metadata = new Map([['huggingface', JSON.stringify({ info })]]);
  const named = new Schema(schema.fields, metadata);
  return tableToIPC(new Table(named, batches));
}

const jsonLines = (...given: unknown[]): string =>
  given.map((label) => JSON.stringify({ text: 'a text', label })).join('\n');

// Each as load_dataset of datasets 5.2.0 reads it.
describe('the classes that a README names', () => {
  it.each([
    ['CSV with numbers', byNumber, 'train.csv', 'text,label\na,0\nb,1\nc,1\n', ['neg', 'pos', 'pos']],
    ['a list of names', '[neg, pos]', 'train.csv', 'text,label\na,0\nb,1\nc,1\n', ['neg', 'pos', 'pos']],
    ['CSV with names', byNumber, 'train.csv', 'text,label\na,neg\nb,pos\n', ['neg', 'pos']],
    ['JSON with numbers', byNumber, 'train.jsonl', jsonLines(0, 1), ['neg', 'pos']],
    ['JSON with names', byNumber, 'train.jsonl', jsonLines('neg', 'pos'), ['neg', 'pos']],
    ['JSON with digits', byNumber, 'train.jsonl', jsonLines('0', '1'), ['neg', 'pos']],
    ['numbers for names that are digits', "['5', '0']", 'train.jsonl', jsonLines(0, 1), ['5', '0']],
    ['names that are digits', "['5', '0']", 'train.jsonl', jsonLines('0', '5'), ['0', '5']],
    ['CSV with numbers for names that are digits', "['5', '0']", 'a.csv', 'text,label\na,0\nb,1\n', ['5', '0']],
    ['CSV with numbers as pandas writes them', byNumber, 'train.csv', 'text,label\na,0.0\nb,1.0\n', ['neg', 'pos']],
    [
      'JSON with numbers as Python writes them',
      byNumber,
      'train.jsonl',
      '{"text":"a","label":0.0}\n{"text":"b","label":1.0}',
      ['neg', 'pos'],
    ],
    ['CSV with truth values', byNumber, 'train.csv', 'text,label\na,True\nb,FALSE\n', ['pos', 'neg']],
    ['JSON with truth values', byNumber, 'train.jsonl', jsonLines(true, false), ['pos', 'neg']],
    ['JSON with blanks', byNumber, 'train.jsonl', jsonLines(' neg', ' 1 '), ['neg', 'pos']],
    ['names with blanks in JSON', "[' neg ', pos]", 'train.jsonl', jsonLines(' neg ', 1), ['neg', 'pos']],
    ['names with blanks in CSV', "[' neg ', pos]", 'train.csv', 'text,label\na,0\nb,pos\n', ['neg', 'pos']],
  ])('are those of %s', (_, names, file, content, wanted) => {
    expect(labels(cardOf(names), file, content)).toEqual(wanted);
  });

  it('are those of a table with types, too', () => {
    const table = tableToIPC(tableFromArrays({ text: ['a', 'b', 'c'], label: Int32Array.of(1, 0, 1) }));
    expect(labels(cardOf(byNumber), 'train.arrow', table)).toEqual(['pos', 'neg', 'pos']);
  });

  it('rename those of a file that names its own', () => {
    expect(labels(cardOf('[bad, good]'), 'train.arrow', namedTable(['neg', 'pos']))).toEqual(['good', 'bad', 'good']);
    const hub = join(__dirname, '../../../../tests/interchange/fixtures/data/hub/data');
    const parquet = readFileSync(join(hub, 'test-00000-of-00001.parquet'));
    const count = (card: string, name: string) =>
      labels(card, 'test.parquet', parquet).filter((label) => label === name).length;
    const [negative, positive] = ['negative', 'positive'].map((name) => count('---\n---\n', name));
    expect([count(cardOf('[bad, good]'), 'bad'), count(cardOf('[bad, good]'), 'good')]).toEqual([negative, positive]);
    expect(negative! + positive!).toBe(10);
  });

  it('are those of each file by its own numbers where no README names them', () => {
    const parts = { 'train.arrow': namedTable(['neg', 'pos']), 'test.arrow': namedTable(['pos', 'other']) };
    expect(read(parts).rows.map(({ part, label }) => `${part} ${label}`)).toEqual([
      ...['test other', 'test pos', 'test other'],
      ...['train pos', 'train neg', 'train pos'],
    ]);
  });

  it('are refused where the file gives one of them another number', () => {
    expect(() => labels(cardOf('[pos, neg]'), 'train.arrow', namedTable(['neg', 'pos']))).toThrow(
      'train.arrow: label: "neg" is class 0 by the file itself, but class 1 by README.md: correct one of them',
    );
  });

  it.each(['sequence', 'list'])('are those of the tags of words (%s)', (list) => {
    const card = cardOf('[O, B]', `name: ner_tags\n    ${list}`);
    const lines = [[0, 1], ['B']].map((tags) => JSON.stringify({ tokens: tags.map(() => 'word'), ner_tags: tags }));
    const { rows, facts } = read({ 'README.md': card, 'train.jsonl': lines.join('\n') }, 'tagging');
    expect(rows.map(({ tags }) => tags)).toEqual([['O', 'B'], ['B']]);
    expect(facts).toContain('classes of ner_tags named by README.md');
  });

  it('are those of the configuration whose files are read', () => {
    const configs = 'configs:\n- {config_name: b, data_files: "*.csv"}\n';
    const infos = ['a', 'b'].map(
      (name) =>
        `- config_name: ${name}\n  features: [{name: label, dtype: {class_label: {names: [${name}0, ${name}1]}}}]\n`,
    );
    expect(labels(`---\n${configs}dataset_info:\n${infos.join('')}---\n`, 'x.csv', 'text,label\na,1\nb,0\n')).toEqual([
      ...['b1', 'b0'],
    ]);
  });

  const described = (name: string): string =>
    `${name}features: [{name: label, dtype: {class_label: {names: [neg, pos]}}}]`;
  it.each([
    ['of another configuration', 'configs: [{config_name: b, data_files: "*.csv"}]', 'config_name: a, ', ['0', '1']],
    ['of the default one', 'configs: [{config_name: b, data_files: "*.csv"}]', '', ['0', '1']],
    ['of a configuration without files', 'configs: [{config_name: b}]', 'config_name: b, ', ['neg', 'pos']],
    ['of the default one, by name', 'configs: [{data_files: "*.csv"}]', 'config_name: default, ', ['neg', 'pos']],
    ['of the only data', 'license: mit', 'config_name: plain_text, ', ['neg', 'pos']],
  ])('are those of a single description only where it is of what is read: %s', (_, configs, name, wanted) => {
    const card = `---\n${configs}\ndataset_info: {${described(name)}}\n---\n`;
    expect(labels(card, 'x.csv', 'text,label\na,0\nb,1\n')).toEqual(wanted);
  });

  it.each([
    `'dataset_info': {${described('')}}`,
    `"dataset_info" : {${described('')}}`,
    `? dataset_info\n: {${described('')}}`,
    `{dataset_info: {${described('')}}}`,
  ])('are found however the front matter is written: %s', (front) => {
    expect(labels(`---\n${front}\n---\n`, 'x.csv', 'text,label\na,0\nb,1\n')).toEqual(['neg', 'pos']);
  });

  it.each([
    [
      byNumber,
      'text,label\na,0\nb,2\n',
      'train.csv: line 3: label has "2", which is none of the classes in README.md (neg, pos)',
    ],
    [byNumber, 'text,label\na,neg\nb,x\n', 'train.csv: line 3: label has "x", which is none of'],
    [byNumber, 'text,label\na,0\nb,-1\n', 'line 3: has no label'],
    [byNumber, 'text,label\na,0.0\nb,-1.0\n', 'line 3: has no label'],
    [byNumber, 'text,label\na,1.0\nb,0.5\n', 'line 3: label has "0.5", which is none of'],
    [byNumber, 'text,label\na,neg\nb,1.0\n', 'line 3: label has "1.0", which is none of'],
    [
      "[neg, ' neg']",
      'text,label\na,0\nb,1\n',
      'README.md: dataset_info[0].features[1].dtype.class_label.names is not as',
    ],
    ["{'0': neg, '2': pos}", 'text,label\na,0\nb,1\n', 'README.md: dataset_info[0].features[1].dtype is not as'],
    ['[neg, pos', 'text,label\na,0\nb,1\n', 'README.md: the lines between the dashes are not valid YAML'],
    [
      '[neg, pos]\nconfigs: []\nconfigs: []',
      'text,label\na,0\nb,1\n',
      'README.md: the lines between the dashes are not valid YAML: Map keys must be unique',
    ],
  ])('are refused where they do not fit: %s', (names, content, message) => {
    const reading = (): unknown => labels(cardOf(names), 'train.csv', content);
    expect(reading).toThrow(DatasetError);
    expect(reading).toThrow(message);
  });

  it('are none where the card is for people', () => {
    for (const front of [': [', '- a list', 'a text', ''])
      expect(labels(`---\n${front}\n---\n# About\n`, 'a.csv', 'text,label\na,0\nb,1\n')).toEqual(['0', '1']);
  });
});
