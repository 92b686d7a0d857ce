import { trialSpec } from '@unroll/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../prepare';

/** Written by pandas and pyarrow: see tests/interchange/data.py. */
const folder = join(__dirname, '../../../../tests/interchange/fixtures/data');
const path = (name: string): string => join(folder, name);

const prepared = (source: { path: string } | { bytes: Uint8Array }, options: object = {}) => {
  const { dataset, task } = trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.3 }, ...options },
    task: 'language-model',
  });
  const { data, facts } = prepare({ kind: 'text', ...source }, { dataset, task });
  if (data.kind !== 'tokens') throw new Error('is no text');
  const ids = [...data.train.read(0, data.train.length), ...data.validation.read(0, data.validation.length)];
  return { facts, text: ids.map((id) => data.vocabulary[id]).join('') };
};

describe('a text in a column of a table', () => {
  const reviews = 'hub/data/train-00000-of-00002.parquet';

  it.each([{ path: path(reviews) }, { bytes: readFileSync(path(reviews)) }])(
    'is read with each value on lines of its own: case %#',
    (source) => {
      const { text, facts } = prepared(source);
      expect(text).toMatch(/^train 0 bad\ntrain 1 \w+\n(train \d+ \w+\n)+$/);
      const { length } = text.trimEnd().split('\n');
      expect(facts![0]).toBe(`Parquet: ${length} texts of the column text, each on lines of its own`);
      expect(prepared(source, { text: 'label' }).text).toMatch(/^negative\n/);
    },
  );

  it('is that of the only column with texts, and has to be named where there are several', () => {
    expect(prepared({ path: path('pairs.parquet') }, { split: { validation: 0.5 } }).text).toBe('0\n1\n2\n');
    expect(() => prepared({ path: path('plain.parquet') })).toThrow(
      /^dataset.text: name the column with the text, one of /,
    );
    expect(() => prepared({ path: path('pairs.parquet') }, { text: 'translation' })).toThrow(
      'dataset.text: translation does not hold texts; name another column',
    );
  });

  it('is refused where there is none', () => {
    expect(() => prepared({ path: path('grid.npy') })).toThrow('the table has no texts');
    expect(() => prepared({ bytes: Buffer.from('a plain text of some length') }, { text: 'a' })).toThrow(
      'dataset.text: names a column, and this is a plain text; leave it out',
    );
  });
});
