import { trialSpec, type DataReading } from '@unroll/contracts';
import { prepare } from '../prepare';
import { toReading } from '../reading';

const rowsOf = (parts: readonly string[]): Uint8Array =>
  Buffer.from(
    parts
      .flatMap((part) =>
        Array.from({ length: 6 }, (_, row) => ({ text: `${part} ${row}`, label: 'ab'[row % 2], part })),
      )
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );

/** How many examples each part has. */
const counts = (parts: readonly string[], split: object = {}, reading?: DataReading) => {
  const { dataset, task } = trialSpec.parse({ dataset: { name: 'a', split }, task: { kind: 'classification' } });
  const { data } = prepare({ kind: 'labelled', bytes: rowsOf(parts) }, { dataset, task, reading });
  return data.kind === 'examples' ? [data.train.count, data.validation.count, data.test?.count] : [];
};

describe('rows that name their parts', () => {
  it('are split so, with a validation part from those for training where there is none', () => {
    expect(counts(['train', 'validation', 'test'])).toEqual([6, 6, 6]);
    expect(counts(['train', 'validation'])).toEqual([6, 6, undefined]);
    expect(counts(['train', 'test'], { validation: 2 })).toEqual([4, 2, 6]);
    expect(counts(['train'], { validation: 2, test: 1 })).toEqual([3, 2, 1]);
  });

  it.each([
    [['train', 'validation', 'test'], 'dataset.split.test: the data have a test part of their own; leave it out'],
    [['train', 'test'], 'dataset.split.test: the data have a test part of their own; leave it out'],
    [
      ['train', 'validation'],
      'dataset.split.test: the data define their own parts, and none for a test; leave it out, or add a part named test',
    ],
  ])('refuse a test part that would not be held out: %j', (parts, message) => {
    expect(() => counts(parts, { test: 2 })).toThrow(message);
  });

  it('are split as they were for a trained network', () => {
    const { dataset, task } = trialSpec.parse({ dataset: { name: 'a' }, task: { kind: 'classification' } });
    const parts = ['train', 'test'];
    const { data } = prepare({ kind: 'labelled', bytes: rowsOf(parts) }, { dataset, task });
    expect(counts(parts, { validation: 2, test: 2 }, toReading(data))).toEqual([4, 2, 6]);
  });
});
