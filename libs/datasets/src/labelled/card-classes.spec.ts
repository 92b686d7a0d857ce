import { tableToIPC, tableFromArrays } from 'apache-arrow';
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
  ])('are those of %s', (_, names, file, content, wanted) => {
    expect(labels(cardOf(names), file, content)).toEqual(wanted);
  });

  it('are those of a table with types, too', () => {
    const table = tableToIPC(tableFromArrays({ text: ['a', 'b', 'c'], label: Int32Array.of(1, 0, 1) }));
    expect(labels(cardOf(byNumber), 'train.arrow', table)).toEqual(['pos', 'neg', 'pos']);
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

  it.each([
    [
      byNumber,
      'text,label\na,0\nb,2\n',
      'train.csv: line 3: label has "2", which is none of the classes in README.md (neg, pos)',
    ],
    [byNumber, 'text,label\na,neg\nb,x\n', 'train.csv: line 3: label has "x", which is none of'],
    [byNumber, 'text,label\na,0\nb,-1\n', 'line 3: has no label'],
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
    expect(labels('---\n: [\n---\n# About\n', 'a.csv', 'text,label\na,0\nb,1\n')).toEqual(['0', '1']);
  });
});
