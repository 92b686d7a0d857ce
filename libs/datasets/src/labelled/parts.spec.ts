import { trialSpec, type DataReading } from '@unroll/contracts';
import type { ExampleData } from '../prepared/data';
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

const read = (
  parts: readonly string[],
  split: object,
  given: { reading?: DataReading; isSubmission?: boolean } = {},
) => {
  const { dataset, task } = trialSpec.parse({ dataset: { name: 'a', split }, task: { kind: 'classification' } });
  return prepare({ kind: 'labelled', bytes: rowsOf(parts) }, { dataset, task, ...given });
};

/** How many examples each part has. */
const counts = (parts: readonly string[], split: object = {}) => {
  const { data } = read(parts, split, { isSubmission: true });
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
    [['train', 'validation', 'test'], 'the data have a test part of their own', [6, 6, 6]],
    [['train', 'test'], 'the data have a test part of their own', [4, 2, 6]],
    [['train', 'validation'], 'the data define their own parts, and none named test', [6, 6, undefined]],
  ])('refuse a submitted test part that would not be held out, and ignore a stored one: %j', (parts, why, sizes) => {
    const split = { validation: 2, test: 2 };
    const { data, warnings } = read(parts, split);
    expect(warnings).toEqual([`dataset.split.test is ignored: ${why}`]);
    const { train, validation, test } = data as ExampleData;
    expect([train.count, validation.count, test?.count]).toEqual(sizes);
    const reading = toReading(data);
    for (const given of [{}, { reading }])
      expect(() => read(parts, split, { ...given, isSubmission: true })).toThrow(
        `dataset.split.test: ${why}; leave it out`,
      );
    expect(read(parts, split, { reading }).warnings).toEqual(warnings);
  });
});
