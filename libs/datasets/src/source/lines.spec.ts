import { trialSpec, type DatasetKind } from '@unroll/contracts';
import { buildTar } from '../archive/tar.fixture';
import { encodeWav } from '../audio/wav.fixture';
import { encode } from '../encode';
import { prepare } from '../prepare';
import { toReading } from '../reading';

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
const object = (row: object): string => JSON.stringify(row);

interface Case {
  kind: DatasetKind;
  task: object;
  content: string;
  /** The file of an archive that has the content, beside others. */
  name?: string;
  others?: { name: string; content: string | Uint8Array }[];
}

const classification = { kind: 'classification' };
const tagging = { kind: 'tagging', tokens: 'word' };
const sounds = [0, 1, 2, 3].map((index) => ({
  name: `${index}.wav`,
  content: encodeWav(Array.from({ length: 2000 }, (_, at) => 0.5 * Math.sin(at * (index + 1)))),
}));
const cases: Record<string, Case> = {
  'JSON lines': {
    kind: 'labelled',
    task: classification,
    content: times(8, (row) => object({ text: `a${row}`, label: 'xy'[row % 2] })),
  },
  'a CSV': {
    kind: 'labelled',
    task: classification,
    content: `text,label\n${times(8, (row) => `a${row},${'xy'[row % 2]}`)}`,
  },
  'lists of texts by class': {
    kind: 'labelled',
    task: classification,
    content: 'ab\na\nb\nab\n',
    ...{ name: 'x.txt', others: [{ name: 'y.txt', content: 'b\na\nba\n' }] },
  },
  'CoNLL columns': { kind: 'labelled', task: tagging, content: times(4, () => '# id = 7\nEU\tB-ORG\nis\tO\n') },
  'vectors with a text': {
    kind: 'labelled',
    task: { kind: 'sequence-from-vector' },
    content: times(8, (row) => object({ vector: [row], text: 'ab' })),
  },
  trees: {
    kind: 'labelled',
    task: { kind: 'tree-classification' },
    content: times(8, (row) => `(${row % 2} (2 a) (2 b))`),
  },
  'pairs of lines': { kind: 'pairs', task: { kind: 'sequence-to-sequence' }, content: times(8, (row) => `a${row}\tb`) },
  'pairs in a CSV': {
    kind: 'pairs',
    task: { kind: 'sequence-to-sequence' },
    content: `source,target\n${times(8, (row) => `a${row},b`)}`,
  },
  'a series': {
    kind: 'series',
    task: { kind: 'forecasting', lookback: 2, target: 'x' },
    content: `x\n${times(40, (row) => String(row % 7))}`,
  },
  transcripts: {
    kind: 'audio',
    task: { kind: 'transcription' },
    content: times(4, (index) => `${index}.wav\tab`),
    ...{ name: 'transcripts.tsv', others: sounds },
  },
  'the card of a data set': {
    kind: 'labelled',
    task: classification,
    content: '---\nconfigs:\n- data_files:\n  - {split: train, path: a.csv}\n  - {split: test, path: b.csv}\n---\n',
    name: 'README.md',
    others: ['a', 'b'].map((name) => ({
      name: `${name}.csv`,
      content: `text,label\n${times(8, (row) => `a${row},${'xy'[row % 2]}`)}`,
    })),
  },
};

describe('the ends of lines', () => {
  it.each(Object.entries(cases))(
    'may be those of any system: %s',
    (_, { kind, task: given, content, name, others = [] }) => {
      const { dataset, task } = trialSpec.parse({ dataset: { name: 'a', split: { validation: 0.5 } }, task: given });
      const source = (text: string) => ({
        kind,
        bytes: name === undefined ? Buffer.from(text) : buildTar([{ name, content: text }, ...others]),
      });
      const wanted = prepare(source(content), { dataset, task });
      let count = 0;
      const mixed = content.replaceAll('\n', () => ['\n', '\r', '\r\n'][count++ % 3]!);
      for (const text of [content.replaceAll('\n', '\r'), content.replaceAll('\n', '\r\n'), mixed]) {
        expect(prepare(source(text), { dataset, task })).toEqual(wanted);
        const reader = { dataset, task, reading: toReading(wanted.data) };
        if (name === undefined) expect(encode(source(text), reader)).toEqual(encode(source(content), reader));
      }
    },
  );
});
