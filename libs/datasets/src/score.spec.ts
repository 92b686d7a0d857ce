import { trialSpec, type DatasetKind } from '@unroll/contracts';
import { buildTar } from './archive/tar.fixture';
import { encodeWav } from './audio/wav.fixture';
import { prepare } from './prepare';
import type { ExampleData, PreparedData } from './prepared/data';
import { toReading } from './reading';
import { toSource } from './reading.fixture';
import { score } from './score';

const many = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');
const recordings = (name: (index: number) => string, count: number) =>
  buildTar(
    Array.from({ length: count }, (_, index) => ({
      name: `${name(index)}.wav`,
      content: encodeWav(Array.from({ length: 2000 }, (_at, at) => 0.5 * Math.sin((at * (index + 2)) / 10))),
    })),
  );

interface Kind {
  kind: DatasetKind;
  task: string | object;
  /** What was trained on, and what is measured: of three examples, which no split would share out. */
  known: string | Uint8Array;
  other: string | Uint8Array;
  options?: object;
  model?: object;
}

const kinds: Kind[] = [
  {
    ...{ kind: 'labelled', task: 'classification' },
    known: many(12, (row) => JSON.stringify({ text: 'ab', label: row % 3, part: row < 8 ? 'train' : 'validation' })),
    other: many(3, (row) => JSON.stringify({ text: 'ba', label: Math.min(row, 1) })),
  },
  {
    ...{ kind: 'labelled', task: 'regression' },
    known: many(12, (row) => JSON.stringify({ text: 'ab', label: row })),
    other: many(3, (row) => JSON.stringify({ text: 'ba', label: row })),
  },
  { kind: 'labelled', task: 'tagging', known: many(12, () => 'a N\nb V\n'), other: many(3, () => 'b N\n') },
  { kind: 'pairs', task: 'sequence-to-sequence', known: many(12, () => 'ab\tba'), other: many(3, () => 'b\ta') },
  {
    ...{ kind: 'labelled', task: 'sequence-from-vector' },
    known: many(12, (row) => JSON.stringify({ vector: [row, 1], text: 'ab' })),
    other: many(3, (row) => JSON.stringify({ vector: [row, 2], text: 'ba' })),
  },
  {
    ...{ kind: 'frames', task: 'multilabel-frames' },
    known: JSON.stringify({ train: [[[60], [62]]], valid: [[[61], [60]]] }),
    other: '[[[60]], [[61]], [[62]]]',
  },
  {
    ...{ kind: 'labelled', task: 'tree-classification', model: { embeddingSize: 4 } },
    known: many(12, (row) => `(${row % 2} (0 good) (1 bad))`),
    other: many(3, () => '(1 (0 bad) (1 new))'),
  },
  {
    ...{ kind: 'audio', task: 'classification', options: { split: { validation: 0.5, group: 2 } } },
    known: recordings((index) => `${index % 2 ? 'yes' : 'no'}_${index < 4 ? 'ann' : 'bob'}_${index}`, 8),
    other: recordings((index) => `yes/${index}`, 3),
  },
];

const trained = ({ kind, task, known, options, model }: Kind) => {
  const { dataset, task: own } = trialSpec.parse({
    dataset: { name: 'a', ...options },
    task: typeof task === 'string' ? { kind: task } : task,
    model: { cell: 'lstm', hiddenSize: 4, ...model },
    training: {},
  });
  const { data } = prepare(toSource(kind, known), { dataset, task: own });
  return { dataset, task: own, reading: toReading(data) };
};

const countOf = (data: PreparedData): number =>
  data.kind === 'tokens' ? data.validation.length : data.validation.count;

describe('data to measure a network on', () => {
  it.each(kinds)('are all of $kind for $task, read as in training and without a split', (each) => {
    const reader = trained(each);
    const { data, baselines } = score(toSource(each.kind, each.other), reader);
    expect(countOf(data)).toBe(3);
    expect(toReading(data)).toEqual(reader.reading);
    expect(baselines).toEqual([]);
  });

  it('have targets with the decimal mark of the training data, where theirs may be of thousands', () => {
    const file = (targets: readonly string[]): string =>
      ['text;target', ...targets.map((target, row) => `ab ${row};${target}`)].join('\n');
    const known = file(Array.from({ length: 12 }, (_, row) => `${row},5`));
    const reader = trained({ kind: 'labelled', task: 'regression', known, other: '' });
    const { data } = score(toSource('labelled', file(['1,250', '2', '3,125'])), reader);
    const { shift, scale } = reader.reading.targetScaling!;
    const { values } = (data as ExampleData).validation.targets as { values: Float32Array };
    expect(Array.from(values, (value) => value * scale[0]! + shift[0]!)).toEqual(
      [1.25, 2, 3.125].map((value) => expect.closeTo(value, 5) as number),
    );
  });

  it('are all of a text', () => {
    const text = { kind: 'text', task: 'language-model', known: 'abc '.repeat(50), other: 'cab' } as const;
    const { data } = score(toSource('text', text.other), trained(text));
    expect(countOf(data)).toBe(3);
  });
});
